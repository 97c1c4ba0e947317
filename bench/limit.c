/* The physical limit for the three workloads beside this file: each written
 * out by hand in C, with a 4-ary heap of 16-byte events, xoshiro256++
 * (Blackman and Vigna 2019) and a ziggurat (Marsaglia and Tsang 2000).
 * It keeps a mean only, where capsim keeps every statistic.
 *
 *   cc -O3 -march=native -o limit limit.c -lm
 *   ./limit w1|w2|w3 JOBS     prints: workload, jobs, wall seconds, mean
 */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Random numbers. */
static uint64_t s[4] = {0x9e3779b97f4a7c15, 0xbf58476d1ce4e5b9, 0x94d049bb133111eb, 0x2545f4914f6cdd1d};

static inline uint64_t rotl(uint64_t x, int k) { return x << k | x >> (64 - k); }

static inline uint64_t next(void) {
	uint64_t r = rotl(s[0] + s[3], 23) + s[0], t = s[1] << 17;
	s[2] ^= s[0];
	s[3] ^= s[1];
	s[1] ^= s[2];
	s[0] ^= s[3];
	s[2] ^= t;
	s[3] = rotl(s[3], 45);
	return r;
}

static inline double uniform(void) { return (double)(next() >> 11) * 0x1p-53; }

enum { STRIPS = 256 };
static const double EDGE = 7.69711747013104972, AREA = 0.0039496598225815571993;
static double width[STRIPS], height[STRIPS];
static uint64_t inside[STRIPS];

static void build_ziggurat(void) {
	double x = EDGE, base = AREA * exp(EDGE);
	inside[0] = (uint64_t)(EDGE / base * 0x1p53);
	width[0] = base * 0x1p-53;
	for (int i = STRIPS - 1; i > 0; i--) {
		width[i] = x * 0x1p-53;
		height[i] = exp(-x);
		double y = i > 1 ? -log(AREA / x + exp(-x)) : 0;
		inside[i] = (uint64_t)(y / x * 0x1p53);
		x = y;
	}
	height[0] = 1;
}

static inline double exponential(void) {
	double tail = 0;
	for (;;) {
		uint64_t word = next(), across = word >> 11;
		int i = word & (STRIPS - 1);
		double x = (double)across * width[i];
		if (__builtin_expect(across < inside[i], 1))
			return tail + x;
		if (i == 0) /* memoryless: the tail is the whole, shifted */
			tail += EDGE;
		else if (height[i] + uniform() * (height[i - 1] - height[i]) < exp(-x))
			return tail + x;
	}
}

/* Events. */
typedef struct {
	double at;
	uint32_t kind, job;
} event;

static event *heap;
static uint32_t pending;

static inline void sink(event e) { /* from the root, which is vacant */
	uint32_t i = 0;
	for (;;) {
		uint32_t c = 4 * i + 1, m = c;
		if (c >= pending)
			break;
		if (c + 3 < pending) {
			uint32_t a = heap[c + 1].at < heap[c].at ? c + 1 : c;
			uint32_t b = heap[c + 3].at < heap[c + 2].at ? c + 3 : c + 2;
			m = heap[b].at < heap[a].at ? b : a;
		} else
			for (uint32_t k = c + 1; k < pending; k++)
				if (heap[k].at < heap[m].at)
					m = k;
		if (e.at <= heap[m].at)
			break;
		heap[i] = heap[m];
		i = m;
	}
	heap[i] = e;
}

static inline void schedule(double at, uint32_t kind, uint32_t job) {
	uint32_t i = pending++;
	while (i && at < heap[(i - 1) >> 2].at) {
		heap[i] = heap[(i - 1) >> 2];
		i = (i - 1) >> 2;
	}
	heap[i] = (event){at, kind, job};
}

static inline void drop_first(void) {
	event e = heap[--pending];
	if (pending)
		sink(e);
}

/* Queues: rings of arrival times or of jobs. */
enum { RING = 1 << 20 };

static double queue_of(int servers, double rate, uint64_t jobs) {
	static double waiting[RING], arrived[64];
	uint32_t in = 0, out = 0, idle[64];
	int n = 0;
	double sum = 0;
	for (int i = 0; i < servers; i++)
		idle[n++] = i;
	schedule(exponential() / rate, 0, 0);
	for (uint64_t done = 0; done < jobs;) {
		event e = heap[0];
		if (e.kind == 0) {
			sink((event){e.at + exponential() / rate, 0, 0});
			if (n) {
				uint32_t server = idle[--n];
				arrived[server] = e.at;
				schedule(e.at + exponential(), 1, server);
			} else
				waiting[in++ & (RING - 1)] = e.at;
			continue;
		}
		sum += e.at - arrived[e.job];
		done++;
		if (in != out) {
			arrived[e.job] = waiting[out++ & (RING - 1)];
			sink((event){e.at + exponential(), 1, e.job});
		} else {
			idle[n++] = e.job;
			drop_first();
		}
	}
	return sum / jobs;
}

/* A Poisson stream of 2240/s, round robin over 8 servers of 4 cores (10 ms),
 * a cache (0.5 ms) that 80 % of the look-ups hit, a database of 16 cores (5 ms). */
static double web(uint64_t jobs) {
	enum { SLOTS = 1 << 16, SERVERS = 8, ARRIVAL = 0, CACHE, DATABASE, APP };
	static double due[SLOTS];
	static uint32_t vacant[SLOTS], line[SERVERS + 1][SLOTS];
	uint32_t in[SERVERS + 1] = {0}, out[SERVERS + 1] = {0}, busy[SERVERS + 1] = {0}, n = 0, turn = 0;
	double sum = 0;
	for (uint32_t i = 0; i < SLOTS; i++)
		vacant[n++] = i;
	schedule(exponential() / 2240, ARRIVAL, 0);
	for (uint64_t done = 0; done < jobs;) {
		event e = heap[0];
		double t = e.at;
		if (e.kind == ARRIVAL) {
			sink((event){t + exponential() / 2240, ARRIVAL, 0});
			uint32_t job = vacant[--n], a = turn++ % SERVERS;
			due[job] = t;
			if (busy[a] < 4) {
				busy[a]++;
				schedule(t + exponential() * 0.010, APP + a, job);
			} else
				line[a][in[a]++ % SLOTS] = job;
		} else if (e.kind >= APP) {
			uint32_t a = e.kind - APP;
			sink((event){t + 0.0005, CACHE, e.job});
			if (in[a] != out[a])
				schedule(t + exponential() * 0.010, e.kind, line[a][out[a]++ % SLOTS]);
			else
				busy[a]--;
		} else {
			int leaves = 1;
			if (e.kind == CACHE && uniform() >= 0.8) {
				leaves = 0;
				if (busy[SERVERS] < 16) {
					busy[SERVERS]++;
					sink((event){t + exponential() * 0.005, DATABASE, e.job});
				} else {
					line[SERVERS][in[SERVERS]++ % SLOTS] = e.job;
					drop_first();
				}
			} else if (e.kind == DATABASE && in[SERVERS] != out[SERVERS])
				sink((event){t + exponential() * 0.005, DATABASE, line[SERVERS][out[SERVERS]++ % SLOTS]});
			else {
				busy[SERVERS] -= e.kind == DATABASE;
				drop_first();
			}
			if (leaves) {
				sum += t - due[e.job];
				done++;
				vacant[n++] = e.job;
			}
		}
	}
	return sum / jobs;
}

int main(int argc, char **argv) {
	if (argc != 3) {
		fprintf(stderr, "usage: limit w1|w2|w3 JOBS\n");
		return 2;
	}
	uint64_t jobs = (uint64_t)atof(argv[2]);
	build_ziggurat();
	heap = aligned_alloc(64, 64 << 14);
	heap += 3; /* four children share a cache line */
	struct timespec a, b;
	clock_gettime(CLOCK_MONOTONIC, &a);
	double mean;
	if (!strcmp(argv[1], "w1"))
		mean = queue_of(1, 0.8, jobs);
	else if (!strcmp(argv[1], "w2"))
		mean = queue_of(16, 14.4, jobs);
	else
		mean = web(jobs);
	clock_gettime(CLOCK_MONOTONIC, &b);
	printf("%s %llu %.6f %.6g\n", argv[1], (unsigned long long)jobs, (b.tv_sec - a.tv_sec) + (b.tv_nsec - a.tv_nsec) * 1e-9, mean);
	return 0;
}
