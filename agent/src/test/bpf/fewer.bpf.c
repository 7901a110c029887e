// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * Maps of the mesh with room for other numbers than now, for tests. The kernel has their names, as it has those of maps
 * that another version made.
 */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

#include "../../../../bpf-programs/include/culvert_abi.h"

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 128);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, __u64);
	__type(value, struct culvert_pod);
} pods SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 128);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct culvert_address);
	__type(value, __u64);
} pod_addresses SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_SOCKHASH);
	__uint(max_entries, 128);
	__type(key, struct culvert_address);
	__type(value, __u64);
} listeners SEC(".maps");

char LICENSE[] SEC("license") = "Dual BSD/GPL";
