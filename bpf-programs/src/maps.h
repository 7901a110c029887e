// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * Every map, each with a bound. What a connection needs for its life is in `sockets`, which dies with the socket;
 * originals, presents and probes only carry it from one socket to the other and may lose the oldest under load.
 */
#ifndef CULVERT_MAPS_H
#define CULVERT_MAPS_H

#define MAX_PODS 65536
#define MAX_ADDRESSES (2 * MAX_PODS)
#define MAX_HANDOVERS 65536
#define MAX_PAIRS 65536
#define MAX_FLOW_REPORTS 16384

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, MAX_PODS);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, __u64);
	__type(value, struct culvert_pod);
} pods SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, MAX_ADDRESSES);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct culvert_address);
	__type(value, __u64);
} pod_addresses SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_SOCKHASH);
	__uint(max_entries, MAX_ADDRESSES);
	__type(key, struct culvert_address);
	__type(value, __u64);
} listeners SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_SOCKHASH);
	__uint(max_entries, MAX_ADDRESSES);
	__type(key, struct culvert_address);
	__type(value, __u64);
} tunnels SEC(".maps");

/*
 * While a proxy takes over from another both listen, and the newest may die first: the kernel takes it out of its map
 * then, and the one before is still in the other. No program can move a socket, so the maps take turns.
 */
struct {
	__uint(type, BPF_MAP_TYPE_SOCKHASH);
	__uint(max_entries, MAX_ADDRESSES);
	__type(key, struct culvert_address);
	__type(value, __u64);
} other_listeners SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_SOCKHASH);
	__uint(max_entries, MAX_ADDRESSES);
	__type(key, struct culvert_address);
	__type(value, __u64);
} other_tunnels SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_SOCKHASH);
	__uint(max_entries, MAX_ADDRESSES);
	__type(key, struct culvert_address);
	__type(value, __u64);
} outbounds SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_SOCKHASH);
	__uint(max_entries, MAX_ADDRESSES);
	__type(key, struct culvert_address);
	__type(value, __u64);
} other_outbounds SEC(".maps");

/* Set: the newest is in the other map. */
#define OTHER_LISTENER (1U << 0)
#define OTHER_TUNNEL (1U << 1)
#define OTHER_OUTBOUND (1U << 2)

/* LRU: nobody is told when the last of an address has closed. What is in use stays, as each lookup counts as use. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, MAX_ADDRESSES);
	__type(key, struct culvert_address);
	__type(value, __u32);
} turns SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, MAX_HANDOVERS);
	__type(key, struct culvert_handover);
	__type(value, struct culvert_endpoint);
} originals SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, MAX_HANDOVERS);
	__type(key, struct culvert_handover);
	__type(value, struct culvert_endpoint);
} presents SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, MAX_HANDOVERS);
	__type(key, struct culvert_connection);
	__type(value, __u32);
} probes SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, MAX_PAIRS);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct culvert_pair);
	__type(value, struct culvert_pair_grant);
} pairs SEC(".maps");

/* Grants of any other generation are void. A random number: whoever writes one voids all that was granted before. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} pair_generation SEC(".maps");

/* Until when grants count, in ns of CLOCK_MONOTONIC: without somebody who renews it they end by themselves. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} pair_lease SEC(".maps");

/* A connection of a pair between its first SYN and its acceptance. */
struct flow {
	__u64 generation; /* zero: it must not get in */
	__u64 destination_netns;
	__u64 source_netns;
};

/* Not LRU: what is dropped here would be taken for a stranger's plaintext. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, MAX_HANDOVERS);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct culvert_connection);
	__type(value, struct flow);
} flows SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_QUEUE);
	__uint(max_entries, MAX_FLOW_REPORTS);
	__uint(key_size, 0);
	__uint(value_size, sizeof(struct culvert_flow_report));
} flow_reports SEC(".maps");

/* How many reports found the queue full. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} flow_losses SEC(".maps");

/* An application's socket: it asked for `original`; `own` stands where loopback would show. */
#define SOCKET_ASKED (1U << 0)
/* A proxy's socket: it accepted a connection that asked for `original`; `own` is the pod that did. */
#define SOCKET_TAKEN (1U << 1)
/* A proxy's socket: whoever accepts its connection sees `peer`. */
#define SOCKET_PRESENTS (1U << 2)
/* An application's accepted socket: it sees `peer`. */
#define SOCKET_PRESENTED (1U << 3)
/* An application's UDP socket: it last asked the resolver `peer` without being connected to it. */
#define SOCKET_RESOLVES (1U << 4)
/* An application's socket of a pair: it asked for `original` and leads there without a proxy. */
#define SOCKET_DIRECT (1U << 5)
/* A proxy's listener that has registered; ODD: in the other map, under its pod's address of that family. */
#define SOCKET_REGISTERED (1U << 6)
#define SOCKET_ODD_V4 (1U << 7)
#define SOCKET_ODD_V6 (1U << 8)

struct socket_state {
	struct culvert_endpoint original;
	struct culvert_endpoint peer;
	__be32 own[4]; /* zero: unknown */
	__u32 flags;
};

struct {
	__uint(type, BPF_MAP_TYPE_SK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct socket_state);
} sockets SEC(".maps");

/* Of a SOCKET_DIRECT socket. A map of its own: `sockets` keeps the layout that earlier agents pinned. */
struct direct {
	__u64 generation;
	__u64 destination_netns;
	__u64 started;
};

struct {
	__uint(type, BPF_MAP_TYPE_SK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct direct);
} directs SEC(".maps");

#endif
