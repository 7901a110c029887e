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

#endif
