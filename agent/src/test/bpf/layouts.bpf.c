// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * What is known of a pod as other versions might lay it out, for tests: with less and with more of it, and by another
 * key.
 */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

#include "../../../../bpf-programs/include/culvert_abi.h"

struct shorter_pod {
	__be32 ip4;
	__be32 ip6[4];
};

struct longer_pod {
	struct culvert_pod pod;
	__u32 more;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 128);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, __u64);
	__type(value, struct shorter_pod);
} shorter_pods SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 128);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, __u64);
	__type(value, struct longer_pod);
} longer_pods SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 128);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, __u32);
	__type(value, struct culvert_pod);
} pods_by_number SEC(".maps");

char LICENSE[] SEC("license") = "Dual BSD/GPL";
