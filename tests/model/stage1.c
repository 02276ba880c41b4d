/* SPDX-License-Identifier: BSD-2-Clause */
/* Stage 1 of the EL1&0 regime as the architecture's pseudocode tells it, step by step. */
#include "stage1.h"

#include <stddef.h>

#define ON(word, n) ((word) >> (n)&1)

/* Rights of both sides, as the letters of the architecture's tables. */
struct rights {
	const char *el1, *el0;
};

struct request {
	const struct model_s1_regs *r;
	const struct model_s1_access *a;
	model_s1_read_fn *read;
	void *context;
	struct model_s1_result *out;
};

static uint64_t slice(uint64_t v, unsigned high, unsigned low)
{
	return (v << (63 - high)) >> (63 - high + low);
}

static bool letter(const char *rights, char which)
{
	for (; *rights; rights++) {
		if (*rights == which)
			return true;
	}
	return false;
}

static bool stop(const struct request *q, enum model_s1_fault fault, int level)
{
	q->out->fault = fault;
	q->out->level = level;
	return false;
}

static bool fetch_descriptor(const struct request *q, uint64_t pa, unsigned bytes, int level,
			     uint64_t *d)
{
	uint8_t raw[8];

	q->out->slot = pa;
	if (!q->read(q->context, pa, bytes, raw))
		return stop(q, MODEL_S1_EXTERNAL, level);
	*d = 0;
	for (unsigned i = 0; i < bytes; i++)
		*d |= (uint64_t)raw[ON(q->r->sctlr, 25) ? bytes - 1 - i : i] << 8 * i;
	return true;
}

/* Caches off, and the shareability that what cannot be cached has. */
static void memory_type(const struct request *q, unsigned attr, unsigned sh)
{
	bool device = attr < 0x10;

	if (q->a->kind == 'x') {
		if (device || !ON(q->r->sctlr, 12))
			attr = 0x44;
	} else if (!device && !ON(q->r->sctlr, 2)) {
		attr = 0x44;
	}
	if (sh == 1)
		sh = 0;
	if (attr < 0x10 || attr == 0x44 || attr == 0x40)
		sh = 2;
	q->out->attr = attr;
	q->out->sh = sh;
}

static bool done(const struct request *q, int level, uint64_t pa)
{
	q->out->pa = pa;
	return stop(q, MODEL_S1_NONE, level);
}

/* --- 64-bit descriptors --- */

struct params {
	unsigned page_bits, ia_bits, oa_bits, sh;
	uint64_t base;
	bool ds, hpd, pie, aarch32;
	int top_bit;   /* AddrTop */
	bool mtx_only; /* bits 59:56 are a tag and nothing else is ignored */
};

struct table_limits {
	bool ap0, ap1, pxn, xn;
};

static bool tcr2(const struct model_s1_regs *r, unsigned bit, bool implemented)
{
	return implemented && ON(r->tcr2, bit);
}

/* Rights before PAN and WXN, without indirection. */
static void direct_rights(const struct request *q, uint64_t d, const struct table_limits *t,
			  bool *pr, bool *pw, bool *ur, bool *uw)
{
	static const struct rights by_ap[4] = {{"rw", ""}, {"rw", "rw"}, {"r", ""}, {"r", "r"}};
	unsigned ap = (unsigned)slice(d, 7, 6);
	bool a64 = ON(q->r->hcr, 31);

	if (a64 && q->r->haf && q->r->hdbs && ON(q->r->tcr, 39) && ON(q->r->tcr, 40) && ON(d, 51))
		ap &= 1;
	*pr = letter(by_ap[ap].el1, 'r');
	*pw = letter(by_ap[ap].el1, 'w');
	*ur = letter(by_ap[ap].el0, 'r');
	*uw = letter(by_ap[ap].el0, 'w');
	if (t->ap0)
		*ur = *uw = false;
	if (t->ap1)
		*pw = *uw = false;
}

static bool allowed32(const struct request *q, bool pr, bool pw, bool ur, bool uw, bool xn,
		      bool pxn)
{
	bool wxn = ON(q->r->sctlr, 19), uwxn = ON(q->r->sctlr, 20);
	bool ux = ur && !(xn || (uw && wxn));
	bool px = pr && !(xn || pxn || (pw && wxn) || (uw && uwxn));

	if (q->a->pan && q->a->kind != 'x' && (ur || uw))
		pr = pw = false;
	if (q->a->kind == 'x')
		return q->a->el ? px : ux;
	if (q->a->kind == 'w')
		return q->a->el ? pw : uw;
	return q->a->el ? pr : ur;
}

/* S1AccessControls */
struct controls {
	bool r, w, x, wxn, overlay;
};

static struct controls direct_base(const struct request *q, uint64_t d,
				   const struct table_limits *t)
{
	bool pr, pw, ur, uw, px, ux, epan = q->r->pan3 && ON(q->r->sctlr, 57);
	struct controls c;

	direct_rights(q, d, t, &pr, &pw, &ur, &uw);
	px = !(ON(d, 53) || t->pxn || uw);
	ux = !(ON(d, 54) || t->xn);
	if (q->a->kind != 'x' && q->a->pan && (ur || uw || (epan && ux)))
		pr = pw = false;
	c.r = q->a->el ? pr : ur;
	c.w = q->a->el ? pw : uw;
	c.x = q->a->el ? px : ux;
	c.wxn = ON(q->r->sctlr, 19) && c.w && c.x;
	c.overlay = true;
	return c;
}

static struct controls indirect_base(const struct request *q, uint64_t d)
{
	static const char *const meaning[16] = {"",  "r",  "x",  "rx", "",   "rw", "rwx", "rwx",
						"r", "rg", "rx", "",   "rw", "",   "rwx", ""};
	unsigned index = (unsigned)(slice(d, 54, 53) * 4 + ON(d, 51) * 2 + ON(d, 6));
	unsigned upi = (unsigned)slice(q->r->pir[0], 4 * index + 3, 4 * index);
	unsigned ppi = (unsigned)slice(q->r->pir[1], 4 * index + 3, 4 * index);
	const char *p = meaning[ppi], *u = meaning[upi], *mine;
	struct controls c;

	if ((letter(p, 'x') || letter(p, 'g')) && (letter(u, 'w') || letter(u, 'g')))
		p = u = "";
	mine = q->a->el ? p : u;
	c.r = letter(mine, 'r');
	c.w = letter(mine, 'w');
	c.x = letter(mine, 'x');
	if (q->a->el && q->a->kind != 'x' && q->a->pan && upi != 0)
		c.r = c.w = false;
	c.wxn = (q->a->el ? ppi : upi) == 6;
	c.overlay = (q->a->el ? ppi : upi) < 8;
	return c;
}

static bool allowed64(const struct request *q, const struct params *p, uint64_t d,
		      const struct table_limits *t)
{
	static const char *const meaning[8] = {"", "r", "x", "rx", "w", "rw", "wx", "rwx"};
	struct controls c = p->pie ? indirect_base(q, d) : direct_base(q, d, t);
	bool or = true, ow = true, ox = true;
	bool ndirty = p->pie && ON(d, 7) &&
		      !(q->r->haf && q->r->hdbs && ON(q->r->tcr, 39) && ON(q->r->tcr, 40));

	if (!tcr2(q->r, q->a->el ? 3 : 2, q->r->s1poe))
		c.overlay = false;
	if (c.overlay) {
		unsigned at = 4 * (unsigned)slice(d, 62, 60);
		unsigned po = (unsigned)slice(q->r->por[q->a->el], at + 3, at);
		const char *o = po < 8 ? meaning[po] : "";

		or = letter(o, 'r');
		ow = letter(o, 'w');
		ox = letter(o, 'x');
	}
	if (c.wxn && c.overlay && ox)
		ow = false;
	else if (c.wxn)
		c.x = false;
	switch (q->a->kind) {
	case 'x':
		return c.x && ox;
	case 'w':
		return c.w && ow && !ndirty;
	default:
		return c.r && or ;
	}
}

static uint64_t output(const struct request *q, const struct params *p, uint64_t d, unsigned size)
{
	uint64_t a = slice(d, 47, size) << size;

	if (p->page_bits == 16 && q->r->pa_bits == 52)
		a |= slice(d, 15, 12) << 48;
	else if (p->ds)
		a = (slice(d, 49, size) << size) | slice(d, 9, 8) << 50;
	return a;
}

static bool blocks_at(const struct request *q, const struct params *p, int level)
{
	switch (p->page_bits) {
	case 12:
		return level == 1 || level == 2 || (level == 0 && p->ds);
	case 14:
		return level == 2 || (level == 1 && p->ds);
	default:
		return level == 2 || (level == 1 && q->r->pa_bits >= 52);
	}
}

static bool leaf(const struct request *q, const struct params *p, uint64_t d, int level,
		 unsigned size, const struct table_limits *t)
{
	uint64_t pa = output(q, p, d, size);
	unsigned index = (unsigned)slice(d, 4, 2);
	bool second = !p->aarch32 && tcr2(q->r, 4, q->r->aie) && ON(d, 59), ok;

	if (pa >> p->oa_bits)
		return stop(q, MODEL_S1_ADDRESS_SIZE, level);
	if (!ON(d, 10) && !(!p->aarch32 && q->r->haf && ON(q->r->tcr, 39)))
		return stop(q, MODEL_S1_ACCESS_FLAG, level);
	if (p->aarch32) {
		bool pr, pw, ur, uw;

		direct_rights(q, d, t, &pr, &pw, &ur, &uw);
		ok = allowed32(q, pr, pw, ur, uw, ON(d, 54) || t->xn, ON(d, 53) || t->pxn);
	} else {
		ok = allowed64(q, p, d, t);
	}
	if (!ok)
		return stop(q, MODEL_S1_PERMISSION, level);
	memory_type(q, (unsigned)slice(q->r->mair[second], 8 * index + 7, 8 * index),
		    p->ds ? p->sh : (unsigned)slice(d, 9, 8));
	return done(q, level, pa | slice(q->a->va, size - 1, 0));
}

static bool walk_long(const struct request *q, const struct params *p)
{
	unsigned stride = p->page_bits - 3, msb = p->ia_bits - 1;
	int level = 3 - (int)((p->ia_bits - 1 - p->page_bits) / stride);
	struct table_limits t = {false, false, false, false};
	uint64_t table = p->base, d;

	if (table >> p->oa_bits)
		return stop(q, MODEL_S1_ADDRESS_SIZE, 0);
	for (;; level++) {
		unsigned lsb = p->page_bits + stride * (unsigned)(3 - level);

		if (!fetch_descriptor(q, table | slice(q->a->va, msb, lsb) << 3, 8, level, &d))
			return false;
		if (!ON(d, 0) || (!ON(d, 1) && !blocks_at(q, p, level)))
			return stop(q, MODEL_S1_TRANSLATION, level);
		if (level == 3 || !ON(d, 1))
			return leaf(q, p, d, level, lsb, &t);
		table = output(q, p, d, p->page_bits);
		if (table >> p->oa_bits)
			return stop(q, MODEL_S1_ADDRESS_SIZE, level);
		if (!p->hpd && !p->pie) {
			t.ap1 |= ON(d, 62);
			t.ap0 |= ON(d, 61);
			t.xn |= ON(d, 60);
			t.pxn |= ON(d, 59);
		}
		msb = lsb - 1;
	}
}

static unsigned page_bits_of(uint64_t tcr, bool upper)
{
	switch (slice(tcr, upper ? 31 : 15, upper ? 30 : 14)) {
	case 1:
		return upper ? 14 : 16;
	case 2:
		return upper ? 12 : 14;
	case 3:
		return upper ? 16 : 12;
	default:
		return 12;
	}
}

static unsigned oa_bits_of(const struct model_s1_regs *r, unsigned page_bits)
{
	static const unsigned ps[8] = {32, 36, 40, 42, 44, 48, 52, 56};
	unsigned bits = ps[slice(r->tcr, 34, 32)], most = r->pa_bits;
	bool ds = r->lpa2 && ON(r->tcr, 59);

	if (page_bits != 16 && !ds && most > 48)
		most = 48;
	return bits < most ? bits : most;
}

/* Where the first table begins: aligned to its size, and to 64 bytes with 52-bit addresses. */
static uint64_t base_of(const struct params *p, uint64_t ttbr, bool wide)
{
	unsigned stride = p->page_bits - 3, bits = p->ia_bits - p->page_bits, align;

	while (bits > stride)
		bits -= stride;
	align = bits + 3;
	if (wide) {
		if (align < 6)
			align = 6;
		return slice(ttbr, 47, align) << align | slice(ttbr, 5, 2) << 48;
	}
	return slice(ttbr, 47, align) << align;
}

static void ignored_bits(const struct request *q, struct params *p, bool upper)
{
	const struct model_s1_regs *r = q->r;
	bool tbi = ON(r->tcr, upper ? 38 : 37), x = q->a->kind == 'x';
	bool tbid = r->pauth && ON(r->tcr, upper ? 52 : 51);

	p->top_bit = tbi && !(tbid && x) ? 55 : 63;
	p->mtx_only = r->mte4 && ON(r->tcr, upper ? 61 : 60) && !tbi && !x;
}

/* The bits above the input address are not all equal to bit 55. */
static bool out_of_range(const struct request *q, const struct params *p, unsigned from)
{
	bool upper = ON(q->a->va, 55);

	for (unsigned bit = from; bit <= (unsigned)p->top_bit; bit++) {
		if (p->mtx_only && bit >= 56 && bit <= 59)
			continue;
		if (ON(q->a->va, bit) != upper)
			return true;
	}
	return false;
}

static bool translate64(const struct request *q)
{
	const struct model_s1_regs *r = q->r;
	bool upper = ON(q->a->va, 55);
	unsigned txsz = (unsigned)slice(r->tcr, upper ? 21 : 5, upper ? 16 : 0), least, most;
	struct params p = {.page_bits = page_bits_of(r->tcr, upper), .aarch32 = false};

	ignored_bits(q, &p, upper);
	p.ds = r->lpa2 && ON(r->tcr, 59) && p.page_bits != 16;
	p.pie = tcr2(r, 1, r->s1pie);
	/* rule BVXDG: overlays of either side turn the tables' permissions off */
	p.hpd = (r->hpds && ON(r->tcr, upper ? 42 : 41)) || tcr2(r, 2, r->s1poe) ||
		tcr2(r, 3, r->s1poe);
	p.sh = (unsigned)slice(r->tcr, upper ? 29 : 13, upper ? 28 : 12);
	p.oa_bits = oa_bits_of(r, p.page_bits);
	most = r->ttst ? (p.page_bits == 16 ? 47 : 48) : 39;
	least = (r->lva && p.page_bits == 16) || p.ds ? 12 : 16;
	if (ON(r->tcr, upper ? 23 : 7) || txsz < least || txsz > most)
		return stop(q, MODEL_S1_TRANSLATION, 0);
	p.ia_bits = 64 - txsz;
	if (out_of_range(q, &p, p.ia_bits))
		return stop(q, MODEL_S1_TRANSLATION, 0);
	if (!q->a->el && r->e0pd && ON(r->tcr, upper ? 56 : 55))
		return stop(q, MODEL_S1_TRANSLATION, 0);
	p.base = base_of(
		&p, r->ttbr[upper],
		p.ds || (p.page_bits == 16 && r->pa_bits == 52 && slice(r->tcr, 34, 32) >= 6));
	return walk_long(q, &p);
}

static bool translate_long32(const struct request *q)
{
	const struct model_s1_regs *r = q->r;
	uint64_t va = (uint32_t)q->a->va;
	unsigned t0 = (unsigned)slice(r->tcr, 2, 0), t1 = (unsigned)slice(r->tcr, 18, 16);
	/* the ranges as intervals */
	uint64_t low_end = t0 ? UINT64_C(1) << (32 - t0) : 0;
	uint64_t high_start = t1 ? (UINT64_C(1) << 32) - (UINT64_C(1) << (32 - t1)) : 0;
	bool upper;
	struct params p = {.page_bits = 12, .oa_bits = 40, .aarch32 = true};

	if (!t0 && !t1)
		upper = false;
	else if (!t1)
		upper = va >= low_end;
	else if (!t0)
		upper = va >= high_start;
	else if (va < low_end)
		upper = false;
	else if (va >= high_start)
		upper = true;
	else
		return stop(q, MODEL_S1_TRANSLATION, 1);
	if (ON(r->tcr, upper ? 23 : 7))
		return stop(q, MODEL_S1_TRANSLATION, 1);
	p.ia_bits = 32 - (upper ? t1 : t0);
	p.hpd = r->aa32hpd && ON(r->tcr, 6) && ON(r->tcr, upper ? 42 : 41);
	p.base = base_of(&p, r->ttbr[upper], false);
	return walk_long(q, &p);
}

/* --- 32-bit descriptors --- */

static const unsigned sdf_cache[4] = {4, 15, 10, 14};

static void tex_remap(const struct request *q, unsigned tex, unsigned c, unsigned b, bool s)
{
	uint64_t prrr = slice(q->r->mair[0], 31, 0), nmrr = slice(q->r->mair[0], 63, 32);
	unsigned region = (tex & 1) * 4 + c * 2 + b, attr = 0, sh = 0;
	unsigned type = (unsigned)slice(prrr, 2 * region + 1, 2 * region);

	if (region != 6 && type == 1)
		attr = 4;
	if (region != 6 && type == 2) {
		bool ns = ON(prrr, s ? 19 : 18);

		attr = sdf_cache[slice(nmrr, 2 * region + 17, 2 * region + 16)] * 16 +
		       sdf_cache[slice(nmrr, 2 * region + 1, 2 * region)];
		sh = ns ? (ON(prrr, 24 + region) ? 3 : 2) : 0;
	}
	memory_type(q, attr, sh);
}

static void tex_default(const struct request *q, unsigned tex, unsigned c, unsigned b, bool s)
{
	unsigned attr;

	switch (tex * 4 + c * 2 + b) {
	case 1:
	case 8:
		attr = 0x04;
		break;
	case 2:
		attr = 0xaa;
		break;
	case 3:
		attr = 0xee;
		break;
	case 4:
		attr = 0x44;
		break;
	case 7:
		attr = 0xff;
		break;
	default: /* strongly-ordered, and what is reserved */
		attr = tex >= 4 ? sdf_cache[tex & 3] * 16 + sdf_cache[c * 2 + b] : 0;
	}
	memory_type(q, attr, s ? 2 : 0);
}

static bool allowed_short(const struct request *q, unsigned ap, bool xn, bool pxn)
{
	static const struct rights full[8] = {{"", ""}, {"rw", ""}, {"rw", "r"}, {"rw", "rw"},
					      {"", ""}, {"r", ""},  {"r", "r"},  {"r", "r"}};
	static const struct rights simple[4] = {{"rw", ""}, {"rw", "rw"}, {"r", ""}, {"r", "r"}};
	const struct rights *m = ON(q->r->sctlr, 29) ? &simple[ap >> 1] : &full[ap];

	return allowed32(q, letter(m->el1, 'r'), letter(m->el1, 'w'), letter(m->el0, 'r'),
			 letter(m->el0, 'w'), xn, pxn);
}

struct sdf {
	int level;
	unsigned size, ap, tex, domain;
	uint64_t base, d;
	bool xn, pxn, s;
};

static bool walk_short(const struct request *q, struct sdf *f)
{
	const struct model_s1_regs *r = q->r;
	unsigned n = (unsigned)slice(r->tcr, 2, 0);
	uint64_t va = (uint32_t)q->a->va, d, ttb;
	bool upper = n && slice(va, 31, 32 - n);

	if (ON(r->tcr, upper ? 5 : 4))
		return stop(q, MODEL_S1_TRANSLATION, 1);
	if (upper)
		n = 0;
	ttb = slice(r->ttbr[upper], 31, 14 - n) << (14 - n);
	if (!fetch_descriptor(q, ttb + slice(va, 31 - n, 20) * 4, 4, 1, &d))
		return false;
	if (slice(d, 1, 0) == 0)
		return stop(q, MODEL_S1_TRANSLATION, 1);
	f->level = 1;
	if (slice(d, 1, 0) == 1) {
		q->out->domain = f->domain = (unsigned)slice(d, 8, 5);
		f->pxn = ON(d, 2);
		f->level = 2;
		if (!fetch_descriptor(q, slice(d, 31, 10) * 1024 + slice(va, 19, 12) * 4, 4, 2, &d))
			return false;
		if (slice(d, 1, 0) == 0)
			return stop(q, MODEL_S1_TRANSLATION, 2);
		f->size = ON(d, 1) ? 12 : 16;
		f->xn = ON(d, ON(d, 1) ? 0 : 15);
		f->tex = (unsigned)(ON(d, 1) ? slice(d, 8, 6) : slice(d, 14, 12));
		f->ap = (unsigned)(ON(d, 9) * 4 + slice(d, 5, 4));
		f->s = ON(d, 10);
		f->base = slice(d, 31, f->size) << f->size;
	} else {
		f->size = ON(d, 18) ? 24 : 20;
		f->xn = ON(d, 4);
		f->pxn = ON(d, 0);
		f->tex = (unsigned)slice(d, 14, 12);
		f->ap = (unsigned)(ON(d, 15) * 4 + slice(d, 11, 10));
		f->s = ON(d, 16);
		f->base = slice(d, 31, f->size) << f->size;
		if (ON(d, 18))
			f->base |= slice(d, 23, 20) << 32 | slice(d, 8, 5) << 36;
		f->domain = ON(d, 18) ? 0 : (unsigned)slice(d, 8, 5);
		q->out->domain = f->domain;
	}
	f->d = d;
	return true;
}

static bool translate_short(const struct request *q)
{
	const struct model_s1_regs *r = q->r;
	struct sdf f = {.level = 0};
	unsigned c, b, access;

	if (!walk_short(q, &f))
		return false;
	if (ON(r->sctlr, 29) && !(f.ap & 1))
		return stop(q, MODEL_S1_ACCESS_FLAG, f.level);
	access = (unsigned)slice(r->dacr, 2 * f.domain + 1, 2 * f.domain);
	if (access == 0 || access == 2)
		return stop(q, MODEL_S1_DOMAIN, f.level);
	if (access == 1 && !allowed_short(q, f.ap, f.xn, f.pxn))
		return stop(q, MODEL_S1_PERMISSION, f.level);
	c = ON(f.d, 3);
	b = ON(f.d, 2);
	if (ON(r->sctlr, 28))
		tex_remap(q, f.tex, c, b, f.s);
	else
		tex_default(q, f.tex, c, b, f.s);
	return done(q, f.level, f.base | slice(q->a->va, f.size - 1, 0));
}

/* --- stage 1 off --- */

static void disabled(const struct request *q, bool aarch32)
{
	const struct model_s1_regs *r = q->r;
	struct params p = {.page_bits = 0};
	uint64_t pa = (uint32_t)q->a->va;

	if (!aarch32) {
		ignored_bits(q, &p, ON(q->a->va, 55));
		if (ON(q->a->va, 55) || out_of_range(q, &p, r->pa_bits)) {
			stop(q, MODEL_S1_ADDRESS_SIZE, 0);
			return;
		}
		pa = slice(q->a->va, 55, 0);
	}
	q->out->attr = 0;
	q->out->sh = 2;
	if (q->a->kind == 'x')
		q->out->attr = ON(r->sctlr, 12) ? 0xaa : 0x44;
	if (ON(r->hcr, 12)) {
		q->out->attr = 0xff;
		q->out->sh = 0;
	}
	done(q, 0, pa);
}

void model_s1_translate(const struct model_s1_regs *r, const struct model_s1_access *a,
			model_s1_read_fn *read, void *context, struct model_s1_result *out)
{
	const struct request q = {r, a, read, context, out};
	bool aarch32 = !ON(r->hcr, 31);

	*out = (struct model_s1_result){.fault = MODEL_S1_NONE};
	if (ON(r->hcr, 12) || ON(r->hcr, 27) || !ON(r->sctlr, 0))
		disabled(&q, aarch32);
	else if (!aarch32)
		translate64(&q);
	else if (ON(r->tcr, 31))
		translate_long32(&q);
	else
		translate_short(&q);
}

unsigned model_s1_status(const struct model_s1_result *result)
{
	unsigned level = (unsigned)result->level;

	switch (result->fault) {
	case MODEL_S1_NONE:
		return 0xff;
	case MODEL_S1_TRANSLATION:
		return result->level < 0 ? 0x2b : 4 + level;
	case MODEL_S1_ADDRESS_SIZE:
		return result->level < 0 ? 0x29 : level;
	case MODEL_S1_ACCESS_FLAG:
		return 8 + level;
	case MODEL_S1_PERMISSION:
		return 12 + level;
	case MODEL_S1_DOMAIN:
		return level == 1 ? 0x3d : 0x3e;
	default:
		return result->level < 0 ? 0x13 : 0x14 + level;
	}
}

uint32_t model_s1_fsr(const struct model_s1_regs *r, const struct model_s1_access *a,
		      const struct model_s1_result *result)
{
	/* FS[3:0] by class and level, as the table of the short format lists them */
	static const uint8_t fs[7][2] = {{0, 0},     {0x5, 0x7}, {0, 0},    {0x3, 0x6},
					 {0xd, 0xf}, {0x9, 0xb}, {0xc, 0xe}};

	if (ON(r->hcr, 31) || result->fault == MODEL_S1_NONE)
		return 0;
	if (ON(r->tcr, 31))
		return 0x200 | model_s1_status(result);
	return fs[result->fault][result->level == 2] | (a->kind == 'x' ? 0 : result->domain << 4);
}
