/* SPDX-License-Identifier: BSD-2-Clause */
#include "machine.h"

#include "seam.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* How far the removal of a once valid descriptor has come. */
enum step {
	STORED,      /* by one CPU, not yet seen by walkers */
	VISIBLE,     /* a barrier came after the store */
	INVALIDATED, /* stage-2 entries are being invalidated */
	STAGE2_GONE, /* a barrier waited for that */
	COMBINED,    /* combined entries are being invalidated */
	CLEAN
};

/* A valid descriptor of the past that TLBs may hold. */
struct stale {
	uint64_t slot, old, ipa, span;
	int level;
	uint8_t step, cpu; /* cpu: whose store it was */
	bool table;
	bool cut; /* permissions only: the slot is still valid */
};

struct page {
	uint64_t ipa; /* of slot 0 */
	int8_t level;
	bool live;
};

struct entry {
	uint64_t ipa, span, desc;
	unsigned vmid;
	int level;
	bool valid, combined;
};

struct access {
	uint64_t ipa, size, desc;
	bool write;
};

struct model_machine {
	struct model_config c;
	struct model_stage2 s2;
	uint64_t *slots;
	uint32_t *stale_of; /* index + 1 into stale */
	uint8_t *touched;   /* hardware wrote since the library looked */
	struct page *pages;
	size_t slot_count, page_count, page_slots;
	struct stale *stale;
	size_t stale_count, stale_room, unclean;
	struct entry tlb[MODEL_CPUS][MODEL_TLB_ENTRIES];
	struct access access[4096];
	size_t access_count;
	uint64_t attend_ipa, attend_size, random;
	uint64_t regs[MODEL_CPUS][8]; /* by the seam's numbers: VTTBR, VTCR, HCR, ... */
	bool reg_pending[MODEL_CPUS]; /* written, no ISB yet */
	unsigned cpu;                 /* that runs the code under test */
	unsigned unpublished;         /* a bit a CPU: it stored leaves, no barrier of its own yet */
	bool delayed;                 /* mutant: stores are seen after the next invalidation */
	unsigned dsb_count;           /* full ones since the last break was stored */
	size_t freed_seen;
	bool busy;
	char violation[256];
};

enum { REG_VTTBR, REG_VTCR, REG_HCR };
enum {
	OP_IPA,
	OP_IPA_LAST,
	OP_RANGE,
	OP_RANGE_LAST,
	OP_VMALLE1IS,
	OP_VMALLE1,
	OP_VMALLS12E1IS,
	OP_VMALLS12E1,
	OP_ALLE1IS,
	OP_ALLE1,
	OP_VAE2IS,
	OP_VALE2IS,
	OP_ALLE2IS,
	OP_ALLE2
};

#define V         UINT64_C(1)
#define TABLE_BIT UINT64_C(2)
#define READ_BIT  (V << 6)
#define WRITE_BIT (V << 7)
#define AF_BIT    (V << 10)
#define NT_BIT    (V << 16)
#define DBM_BIT   (V << 51)
#define CONT_BIT  (V << 52)
#define XN_BITS   (UINT64_C(3) << 53)
#define SW_BITS   (UINT64_C(15) << 55)
#define MEM_BITS  (UINT64_C(15) << 2)
#define SH_BITS   (UINT64_C(3) << 8)

static struct model_machine *current;

static const char *const mutant_names[MUTANT_COUNT] = {"none",
						       "no invalidation",
						       "invalidation before the store",
						       "wrong VMID",
						       "no combined follow-up",
						       "no DSB between",
						       "no publication DSB",
						       "valid to valid: address",
						       "valid to valid: size",
						       "valid to valid: memory type",
						       "lost hardware update",
						       "permission cut not invalidated",
						       "no ISB after VTTBR",
						       "not broadcast",
						       "wrong TTL",
						       "range one page short",
						       "table freed before the DSB"};

const char *model_mutant_name(enum model_mutant m)
{
	return mutant_names[m];
}

static uint64_t roll(struct model_machine *m)
{
	m->random ^= m->random << 13;
	m->random ^= m->random >> 7;
	m->random ^= m->random << 17;
	return m->random;
}

static void break_rule(struct model_machine *m, const char *rule, uint64_t ipa, int level)
{
	if (!m->violation[0])
		snprintf(m->violation, sizeof(m->violation), "%s (ipa 0x%llx, level %d)", rule,
			 (unsigned long long)ipa, level);
}

static uint64_t read_slot(void *context, uint64_t pa)
{
	struct model_machine *m = context;
	uint64_t i = (pa - m->c.memory_pa) / 8;

	if (pa < m->c.memory_pa || i >= m->slot_count) {
		break_rule(m, "walk outside the table memory", pa, 0);
		return 0;
	}
	return m->slots[i];
}

void model_machine_walk(struct model_machine *m, uint64_t ipa, struct model_walk *out)
{
	model_stage2_walk(&m->s2, read_slot, m, ipa, out);
}

static bool is_table(uint64_t d, int level)
{
	return (d & 3) == 3 && level < 3;
}

static struct page *page_of(struct model_machine *m, uint64_t slot)
{
	return &m->pages[slot / m->page_slots];
}

static uint64_t slot_of_table(struct model_machine *m, uint64_t desc)
{
	return (model_next_table(&m->s2, desc) - m->c.memory_pa) / 8;
}

static bool in_memory(const struct model_machine *m, uint64_t slot)
{
	return slot < m->slot_count;
}

static uint64_t ipa_of(struct model_machine *m, uint64_t slot)
{
	struct page *p = page_of(m, slot);
	uint64_t index = slot % m->page_slots;

	/* Concatenated roots: pages follow each other. */
	return p->ipa + (index << model_level_bits(&m->s2, p->level));
}

static void remember(struct model_machine *m, uint64_t slot, uint64_t old, bool cut)
{
	struct page *p = page_of(m, slot);
	struct stale *s;

	if (m->stale_of[slot] && m->stale[m->stale_of[slot] - 1].step != CLEAN) {
		m->stale[m->stale_of[slot] - 1].step = STORED;
		m->stale[m->stale_of[slot] - 1].cpu = (uint8_t)m->cpu;
		m->stale[m->stale_of[slot] - 1].cut &= cut;
		return;
	}
	if (m->stale_count == m->stale_room) {
		m->stale_room = m->stale_room ? m->stale_room * 2 : 1024;
		m->stale = realloc(m->stale, m->stale_room * sizeof(*m->stale));
	}
	s = &m->stale[m->stale_count++];
	s->slot = slot;
	s->old = old;
	s->level = p->level;
	s->ipa = ipa_of(m, slot);
	s->span = V << model_level_bits(&m->s2, p->level);
	s->step = STORED;
	s->cpu = (uint8_t)m->cpu;
	s->table = is_table(old, p->level);
	s->cut = cut;
	m->stale_of[slot] = (uint32_t)m->stale_count;
	m->unclean++;
	m->dsb_count = 0;
}

/* Everything below an unlinked table may be cached, and so may the way there. */
static void remember_tree(struct model_machine *m, uint64_t desc)
{
	uint64_t first = slot_of_table(m, desc);

	if (!in_memory(m, first))
		return;
	for (uint64_t i = first; i < first + m->page_slots; i++) {
		if (!(m->slots[i] & V))
			continue;
		if (is_table(m->slots[i], page_of(m, i)->level))
			remember_tree(m, m->slots[i]);
		remember(m, i, m->slots[i], false);
	}
	page_of(m, first)->live = false;
}

/*
 * A table becomes reachable: so does what it holds. A link to an empty table need not be published:
 * nothing translates by it before somebody stores a leaf there, and publishes that.
 */
static void link_tree(struct model_machine *m, uint64_t desc, uint64_t ipa, int level)
{
	uint64_t first = slot_of_table(m, desc);
	struct page *p;

	if (!in_memory(m, first) || first % m->page_slots) {
		break_rule(m, "link outside the table memory", ipa, level);
		return;
	}
	p = page_of(m, first);
	if (p->live)
		break_rule(m, "table linked twice", ipa, level);
	p->live = true;
	p->level = (int8_t)level;
	p->ipa = ipa;
	for (uint64_t i = first; i < first + m->page_slots; i++) {
		if (m->stale_of[i] && m->stale[m->stale_of[i] - 1].step != CLEAN)
			break_rule(m, "table reused before it was invalidated", ipa, level);
		if (is_table(m->slots[i], level))
			link_tree(m, m->slots[i], ipa_of(m, i), level + 1);
		else if (m->slots[i] & V)
			m->unpublished |= 1u << m->cpu;
	}
}

static bool nt_settled(struct model_machine *m, uint64_t slot, uint64_t old)
{
	uint32_t i = m->stale_of[slot];

	return (old & NT_BIT) && i && m->stale[i - 1].step == CLEAN;
}

/* A live valid descriptor becomes another valid one. */
static void valid_to_valid(struct model_machine *m, uint64_t slot, uint64_t old, uint64_t new)
{
	struct page *p = page_of(m, slot);
	uint64_t ipa = ipa_of(m, slot), diff = old ^ new;
	bool resize = is_table(old, p->level) != is_table(new, p->level);

	if (resize) {
		if (m->c.bbm_level == 0 || (m->c.bbm_level == 1 && !nt_settled(m, slot, old)))
			break_rule(m, "block size changed from valid to valid", ipa, p->level);
		if (is_table(old, p->level))
			remember_tree(m, old);
		remember(m, slot, old, true);
		if (is_table(new, p->level))
			link_tree(m, new, ipa, p->level + 1);
		else
			m->unpublished |= 1u << m->cpu;
		/* Level 1: what nT kept out of the TLBs needs no second invalidation. */
		if (m->c.bbm_level == 1) {
			struct stale *s = &m->stale[m->stale_of[slot] - 1];

			if (s->step != CLEAN) {
				s->step = CLEAN;
				m->unclean--;
			}
		}
		return;
	}
	if (is_table(old, p->level)) {
		if (diff)
			break_rule(m, "table changed from valid to valid", ipa, p->level);
		return;
	}
	if (model_leaf_address(&m->s2, old, p->level) != model_leaf_address(&m->s2, new, p->level))
		break_rule(m, "output address changed from valid to valid", ipa, p->level);
	else if (diff & (MEM_BITS | (m->s2.ds ? 0 : SH_BITS)))
		break_rule(m, "memory type changed from valid to valid", ipa, p->level);
	else if ((diff & CONT_BIT) && m->c.bbm_level < 2)
		break_rule(m, "contiguous hint changed from valid to valid", ipa, p->level);
	else if (diff & ~(READ_BIT | WRITE_BIT | AF_BIT | DBM_BIT | XN_BITS | SW_BITS | CONT_BIT |
			  (p->level < 3 && m->c.bbm_level ? NT_BIT : 0)))
		break_rule(m, "reserved bits changed from valid to valid", ipa, p->level);
	if ((old & ~new &(READ_BIT | WRITE_BIT | AF_BIT)) || (diff & (XN_BITS | CONT_BIT)) ||
	    (new & ~old &NT_BIT))
		remember(m, slot, old, true);
}

/* Every store to a live slot comes by here; the memory has its new value already. */
static void stored(struct model_machine *m, uint64_t slot, uint64_t old, uint64_t new, bool ordered)
{
	struct page *p = page_of(m, slot);
	uint32_t i = m->stale_of[slot];

	if (!p->live || old == new)
		return;
	if ((old & V) && (new &V)) {
		valid_to_valid(m, slot, old, new);
	} else if (old & V) {
		if (is_table(old, p->level))
			remember_tree(m, old);
		remember(m, slot, old, false);
	} else if (new &V) {
		if (i && m->stale[i - 1].step != CLEAN)
			break_rule(m, "made before it was invalidated", ipa_of(m, slot), p->level);
		if (is_table(new, p->level)) {
			if (!ordered)
				break_rule(m, "table linked before its contents", ipa_of(m, slot),
					   p->level);
			link_tree(m, new, ipa_of(m, slot), p->level + 1);
		} else {
			m->unpublished |= 1u << m->cpu;
		}
	}
}

/* One CPU walks; perhaps accesses; keeps what it found. */
static void guest(struct model_machine *m)
{
	uint64_t r = roll(m), ipa = m->attend_ipa + roll(m) % (m->attend_size ? m->attend_size : 1);
	struct model_walk w;
	struct entry *e;
	uint64_t slot;
	bool write = r & 1;

	ipa &= (V << m->s2.input_bits) - 1;
	model_machine_walk(m, ipa, &w);
	if (w.fault != MODEL_FAULT_NONE && !(w.fault == MODEL_FAULT_ACCESS_FLAG && m->s2.ha))
		return;
	slot = (w.slot_pa - m->c.memory_pa) / 8;
	if (m->s2.ha) {
		uint64_t new = w.desc | AF_BIT;

		if (write && m->s2.hd && (w.desc & DBM_BIT))
			new |= WRITE_BIT;
		if (new != w.desc) {
			m->slots[slot] = new;
			m->touched[slot] = 1;
		}
		w.desc = new;
	}
	if ((write ? w.desc & WRITE_BIT : w.desc & READ_BIT) &&
	    m->access_count < sizeof(m->access) / sizeof(m->access[0]))
		m->access[m->access_count++] =
			(struct access){ipa & ~(w.span - 1), w.span, w.desc, write};
	if (w.level < 3 && (w.desc & NT_BIT))
		return; /* nT: not kept */
	e = &m->tlb[(r >> 8) % MODEL_CPUS][(r >> 16) % MODEL_TLB_ENTRIES];
	*e = (struct entry){ipa & ~(w.span - 1), w.span, w.desc, m->s2.vmid, w.level, true,
			    (r >> 32) & 1};
}

static bool any_table_unclean(const struct model_machine *m)
{
	for (size_t i = 0; i < m->stale_count; i++) {
		if (m->stale[i].step != CLEAN && m->stale[i].table)
			return true;
	}
	return false;
}

/* At every event: the others run. */
static void event(struct model_machine *m)
{
	if (m->busy)
		return;
	m->busy = true;
	if (m->c.freed && *m->c.freed != m->freed_seen) {
		if (*m->c.freed > m->freed_seen && m->unclean && any_table_unclean(m))
			break_rule(m, "table handed over before it was invalidated", 0, 0);
		m->freed_seen = *m->c.freed;
	}
	guest(m);
	if (m->c.bystander && (roll(m) & 7) == 0)
		m->c.bystander(m->c.context);
	m->busy = false;
	if (m->c.turn)
		m->c.turn(m->c.context);
}

/* ---- barriers and invalidations ---- */

static void barrier(struct model_machine *m, bool full)
{
	m->unpublished &= ~(1u << m->cpu);
	for (size_t i = 0; i < m->stale_count; i++) {
		struct stale *s = &m->stale[i];

		if (s->step == STORED && s->cpu == m->cpu && !m->delayed)
			s->step = VISIBLE;
		else if (full && s->step == INVALIDATED)
			s->step = STAGE2_GONE;
		else if (full && s->step == COMBINED) {
			s->step = CLEAN;
			m->unclean--;
		}
	}
	if (!m->unclean) {
		/* nT keeps its record: it must be seen as clean later. */
		for (size_t i = 0; i < m->stale_count; i++) {
			if (!(m->slots[m->stale[i].slot] & NT_BIT) || !m->stale[i].cut)
				m->stale_of[m->stale[i].slot] = 0;
		}
	}
	if (full)
		m->dsb_count++;
}

static unsigned vmid_now(const struct model_machine *m)
{
	uint64_t v = m->regs[m->cpu][REG_VTTBR] >> 48;

	return (unsigned)((m->regs[m->cpu][REG_VTCR] >> 19) & 1 ? v : v & 0xff);
}

struct scope {
	uint64_t base, size;
	int level; /* 0: all */
	bool last; /* leaves only */
};

static bool hits(const struct scope *c, uint64_t ipa, uint64_t span, int level, bool table)
{
	if (table && (c->last || c->level))
		return false;
	if (c->level && c->level != level)
		return false;
	return c->base < ipa + span && ipa < c->base + c->size;
}

static void invalidate_stage2(struct model_machine *m, const struct scope *c)
{
	for (size_t i = 0; i < m->stale_count; i++) {
		struct stale *s = &m->stale[i];

		if (s->step == VISIBLE && hits(c, s->ipa, s->span, s->level, s->table))
			s->step = INVALIDATED;
	}
	for (unsigned cpu = 0; cpu < MODEL_CPUS; cpu++) {
		for (unsigned i = 0; i < MODEL_TLB_ENTRIES; i++) {
			struct entry *e = &m->tlb[cpu][i];

			if (!e->combined && hits(c, e->ipa, e->span, e->level, false))
				e->valid = false;
		}
	}
}

static void invalidate_all(struct model_machine *m, bool stage2)
{
	for (size_t i = 0; i < m->stale_count; i++) {
		struct stale *s = &m->stale[i];

		if (s->step == STAGE2_GONE || (stage2 && s->step == VISIBLE))
			s->step = COMBINED;
	}
	for (unsigned cpu = 0; cpu < MODEL_CPUS; cpu++) {
		for (unsigned i = 0; i < MODEL_TLB_ENTRIES; i++) {
			if (stage2 || m->tlb[cpu][i].combined)
				m->tlb[cpu][i].valid = false;
		}
	}
}

static bool only_cuts(const struct model_machine *m)
{
	for (size_t i = 0; i < m->stale_count; i++) {
		if (m->stale[i].step != CLEAN && !m->stale[i].cut)
			return false;
	}
	return true;
}

static struct scope scope_of(const struct model_machine *m, int op, uint64_t x)
{
	struct scope c = {0};

	c.last = op == OP_IPA_LAST || op == OP_RANGE_LAST;
	if (op == OP_IPA || op == OP_IPA_LAST) {
		unsigned ttl = (x >> 44) & 15;

		c.base = (x & ((V << 40) - 1)) << 12;
		c.size = 1;
		c.level = ttl >> 2 ? (int)(ttl & 3) : 0;
	} else {
		unsigned tg = (x >> 46) & 3, page = tg == 1 ? 12 : tg == 2 ? 14 : 16;
		unsigned scale = (x >> 44) & 3, num = (x >> 39) & 31;

		c.base = (x & ((V << 37) - 1)) << (m->s2.ds ? 16 : page);
		c.size = (uint64_t)(num + 1) << (5 * scale + 1) << page;
		c.level = (int)((x >> 37) & 3);
		if (page != m->s2.page_bits)
			c.size = 0;
	}
	if (m->c.mutant == MUTANT_WRONG_TTL && c.level)
		c.level = c.level == 3 ? 2 : c.level + 1;
	if (m->c.mutant == MUTANT_RANGE_ONE_SHORT && c.size > 1)
		c.size -= V << m->s2.page_bits;
	return c;
}

static void tlbi(struct model_machine *m, int op, uint64_t x)
{
	struct scope c;

	if (m->reg_pending[m->cpu])
		break_rule(m, "invalidation before the new VTTBR was synchronised", 0, 0);
	if (m->c.mutant == MUTANT_NOT_BROADCAST)
		return; /* this CPU has nothing of that virtual machine */
	m->delayed = false;
	if (vmid_now(m) != m->s2.vmid && op != OP_ALLE1IS)
		return;
	switch (op) {
	case OP_IPA:
	case OP_IPA_LAST:
	case OP_RANGE:
	case OP_RANGE_LAST:
		if (m->c.mutant == MUTANT_NO_INVALIDATION ||
		    (m->c.mutant == MUTANT_PERMISSION_CUT_NOT_INVALIDATED && only_cuts(m)))
			return;
		c = scope_of(m, op, x);
		invalidate_stage2(m, &c);
		break;
	case OP_VMALLE1IS:
		if (m->c.mutant != MUTANT_NO_COMBINED_FOLLOW_UP)
			invalidate_all(m, false);
		break;
	case OP_VMALLS12E1IS:
	case OP_ALLE1IS:
		if (m->c.mutant != MUTANT_NO_INVALIDATION &&
		    !(m->c.mutant == MUTANT_PERMISSION_CUT_NOT_INVALIDATED && only_cuts(m)))
			invalidate_all(m, true);
		break;
	default:
		break;
	}
}

/* ---- the outside ---- */

struct model_machine *model_machine_new(const struct model_config *c)
{
	struct model_machine *m = calloc(1, sizeof(*m));
	uint64_t root, left;

	m->c = *c;
	m->random = c->seed | 1;
	model_stage2_decode(&m->s2, c->vtcr, c->vttbr);
	m->slots = c->memory;
	m->slot_count = c->memory_bytes / 8;
	m->page_slots = (V << m->s2.page_bits) / 8;
	m->page_count = m->slot_count / m->page_slots;
	m->stale_of = calloc(m->slot_count, sizeof(*m->stale_of));
	m->touched = calloc(m->slot_count, 1);
	m->pages = calloc(m->page_count, sizeof(*m->pages));
	/* The root: one page or up to sixteen that follow each other. */
	root = (m->s2.base - c->memory_pa) / 8;
	left = V << (m->s2.input_bits - model_level_bits(&m->s2, m->s2.start_level));
	for (uint64_t ipa = 0, i = 0; i * m->page_slots < left; i++) {
		struct page *p = &m->pages[root / m->page_slots + i];

		p->live = true;
		p->level = (int8_t)m->s2.start_level;
		p->ipa = ipa;
		ipa += (uint64_t)m->page_slots << model_level_bits(&m->s2, m->s2.start_level);
	}
	m->freed_seen = c->freed ? *c->freed : 0;
	return m;
}

void model_machine_delete(struct model_machine *m)
{
	if (current == m)
		current = NULL;
	free(m->stale_of);
	free(m->touched);
	free(m->pages);
	free(m->stale);
	free(m);
}

void model_machine_select(struct model_machine *m)
{
	current = m;
}

void model_machine_attend(struct model_machine *m, uint64_t ipa, uint64_t size)
{
	m->attend_ipa = ipa;
	m->attend_size = size;
}

const char *model_machine_violation(const struct model_machine *m)
{
	return m->violation[0] ? m->violation : NULL;
}

/* What a cached entry allows must be what the tables say now. */
static void judge_entry(struct model_machine *m, const struct entry *e)
{
	struct model_walk w;
	uint64_t at = e->ipa;

	if (!e->valid || e->vmid != m->s2.vmid)
		return;
	for (; at < e->ipa + e->span; at += w.span) {
		uint64_t pa = model_leaf_address(&m->s2, e->desc, e->level) + (at - e->ipa);

		model_machine_walk(m, at, &w);
		if (w.fault == MODEL_FAULT_ACCESS_FLAG && (m->s2.ha || m->c.bbm_level == 2))
			w.fault = MODEL_FAULT_NONE; /* may be set again at any time */
		if (w.fault != MODEL_FAULT_NONE || w.pa != pa || ((w.desc ^ e->desc) & MEM_BITS) ||
		    (e->desc & ~w.desc & (READ_BIT | WRITE_BIT))) {
			break_rule(m, "access through a stale TLB entry", at, w.level);
			return;
		}
	}
}

void model_machine_settled(struct model_machine *m)
{
	if (m->unclean) {
		for (size_t i = 0; i < m->stale_count; i++) {
			if (m->stale[i].step != CLEAN) {
				break_rule(m,
					   m->stale[i].cut ? "permission cut not invalidated"
							   : "stale after the update",
					   m->stale[i].ipa, m->stale[i].level);
				break;
			}
		}
	}
	if (m->unpublished)
		break_rule(m, "descriptor not published", 0, 0);
	for (unsigned cpu = 0; cpu < MODEL_CPUS; cpu++) {
		for (unsigned i = 0; i < MODEL_TLB_ENTRIES; i++)
			judge_entry(m, &m->tlb[cpu][i]);
	}
	for (size_t i = 0; i < m->stale_count; i++)
		m->stale_of[m->stale[i].slot] = 0;
	m->stale_count = 0;
	m->unclean = 0;
	event(m);
}

bool model_machine_reaches(struct model_machine *m, uint64_t pa)
{
	return m->pages[(pa - m->c.memory_pa) >> m->s2.page_bits].live;
}

void model_machine_drain(struct model_machine *m,
			 void (*seen)(void *context, uint64_t ipa, uint64_t size, uint64_t desc,
				      bool write),
			 void *context)
{
	for (size_t i = 0; i < m->access_count; i++)
		seen(context, m->access[i].ipa, m->access[i].size, m->access[i].desc,
		     m->access[i].write);
	m->access_count = 0;
}

void model_machine_run_as(struct model_machine *m, unsigned cpu)
{
	m->cpu = cpu;
}

void model_machine_set_regs(struct model_machine *m, uint64_t vttbr, uint64_t vtcr)
{
	m->regs[m->cpu][REG_VTTBR] = vttbr;
	m->regs[m->cpu][REG_VTCR] = vtcr;
	m->reg_pending[m->cpu] = false;
}

uint64_t model_machine_vttbr(const struct model_machine *m)
{
	return m->regs[m->cpu][REG_VTTBR];
}

/* ---- the seam ---- */

static uint64_t slot_index(const void *p)
{
	return (uint64_t)((const uint64_t *)p - current->slots);
}

static bool modelled(const void *p)
{
	return current && !current->busy && (const uint64_t *)p >= current->slots &&
	       slot_index(p) < current->slot_count;
}

uint64_t armvirt_model_desc_load(const uint64_t *p)
{
	if (modelled(p)) {
		if (current->c.turn)
			current->c.turn(current->c.context);
		current->touched[slot_index(p)] = 0;
	}
	return *p;
}

uint64_t armvirt_model_desc_load_acquire(const uint64_t *p)
{
	return armvirt_model_desc_load(p);
}

/* Three mutants skip the break: the new descriptor is stored valid at once. */
static uint64_t mutate_break(struct model_machine *m, uint64_t old, uint64_t v, int level)
{
	uint64_t new = (v & ~(UINT64_C(15) << 60)) | V;
	bool make = !(v & V) && v >> 60 == 1 && (v & ~(UINT64_C(15) << 60)) && !((v >> 59) & 1);
	bool resize;

	if (!(old & V) || !make)
		return v;
	resize = is_table(old, level) != is_table(new, level);
	switch (m->c.mutant) {
	case MUTANT_VALID_TO_VALID_SIZE:
		return resize ? new : v;
	case MUTANT_VALID_TO_VALID_ADDRESS:
		return !resize && model_leaf_address(&m->s2, old, level) !=
					       model_leaf_address(&m->s2, new, level)
			       ? new
			       : v;
	case MUTANT_VALID_TO_VALID_MEMORY_TYPE:
		return !resize && ((old ^ new) & MEM_BITS) &&
				       model_leaf_address(&m->s2, old, level) ==
					       model_leaf_address(&m->s2, new, level)
			       ? new
			       : v;
	default:
		return v;
	}
}

static uint64_t live_store(uint64_t *p, uint64_t v, bool ordered, bool atomic)
{
	struct model_machine *m = current;
	uint64_t slot = slot_index(p), old;

	event(m);
	old = *p;
	if (page_of(m, slot)->live) {
		v = mutate_break(m, old, v, page_of(m, slot)->level);
		if (m->touched[slot] && !atomic && (old & V))
			break_rule(m, "what hardware wrote was overwritten", ipa_of(m, slot),
				   page_of(m, slot)->level);
	}
	m->touched[slot] = 0;
	*p = v;
	if (m->c.mutant == MUTANT_INVALIDATION_BEFORE_STORE && (old & V) && !(v & V))
		m->delayed = true;
	stored(m, slot, old, v, ordered);
	event(m);
	if (m->c.stored)
		m->c.stored(m->c.context);
	return old;
}

void armvirt_model_desc_store(uint64_t *p, uint64_t v)
{
	if (modelled(p))
		live_store(p, v, false, false);
	else
		*p = v;
}

void armvirt_model_desc_store_release(uint64_t *p, uint64_t v)
{
	if (modelled(p))
		live_store(p, v, true, false);
	else
		*p = v;
}

uint64_t armvirt_model_desc_cas(uint64_t *p, uint64_t expected, uint64_t desired)
{
	uint64_t found;

	if (modelled(p)) {
		event(current);
		if (current->c.mutant == MUTANT_LOST_HARDWARE_UPDATE && *p != expected &&
		    (*p & V) && (expected & V)) {
			live_store(p, desired, true, false);
			return expected;
		}
	}
	found = *p;
	if (found == expected) {
		if (modelled(p)) {
			bool busy = current->busy;

			current->busy = true; /* nobody comes between comparison and swap */
			current->touched[slot_index(p)] = 0;
			*p = desired;
			current->busy = false;
			stored(current, slot_index(p), found, desired, true);
			current->busy = busy;
			event(current);
			if (current->c.stored)
				current->c.stored(current->c.context);
		} else {
			*p = desired;
		}
	} else if (modelled(p)) {
		current->touched[slot_index(p)] = 0;
	}
	return found;
}

uint64_t armvirt_model_desc_xchg(uint64_t *p, uint64_t v)
{
	uint64_t found = *p;

	if (modelled(p))
		return live_store(p, v, true, true);
	*p = v;
	return found;
}

void armvirt_model_dsb_ishst(void)
{
	if (!current)
		return;
	if (current->c.mutant != MUTANT_NO_PUBLICATION_DSB)
		barrier(current, false);
	event(current);
}

static bool anything(const struct model_machine *m, enum step step)
{
	for (size_t i = 0; i < m->stale_count; i++) {
		if (m->stale[i].step == step)
			return true;
	}
	return false;
}

void armvirt_model_dsb_ish(void)
{
	struct model_machine *m = current;

	if (!m)
		return;
	event(m);
	if (m->c.mutant == MUTANT_NO_DSB_BETWEEN && anything(m, INVALIDATED))
		return;
	if (m->c.mutant == MUTANT_FREED_BEFORE_DSB && anything(m, COMBINED))
		return;
	barrier(m, true);
	event(m);
}

void armvirt_model_dsb_nsh(void)
{
	if (current)
		event(current);
}

void armvirt_model_isb(void)
{
	if (current && current->c.mutant != MUTANT_NO_ISB_AFTER_VTTBR)
		current->reg_pending[current->cpu] = false;
}

void armvirt_model_tlbi(int op, uint64_t operand)
{
	if (!current)
		return;
	event(current);
	tlbi(current, op, operand);
	event(current);
}

static uint64_t plain_regs[8];

void armvirt_model_write_reg(int reg, uint64_t v)
{
	if (!current) {
		plain_regs[reg & 7] = v;
		return;
	}
	if (reg == REG_VTTBR && current->c.mutant == MUTANT_WRONG_VMID &&
	    v >> 48 == current->s2.vmid)
		v ^= UINT64_C(1) << 48;
	current->regs[current->cpu][reg & 7] = v;
	if (reg == REG_VTTBR || reg == REG_VTCR)
		current->reg_pending[current->cpu] = true;
}

uint64_t armvirt_model_read_reg(int reg)
{
	return current ? current->regs[current->cpu][reg & 7] : plain_regs[reg & 7];
}

void armvirt_model_dcache_clean_inval(const void *va, size_t bytes)
{
	if (current && current->c.cleaned)
		current->c.cleaned(current->c.context, va, bytes);
}

void armvirt_model_icache_inval_all_is(void)
{
	if (current && current->c.refetched)
		current->c.refetched(current->c.context);
}

void armvirt_model_icache_inval_all(void)
{
}
