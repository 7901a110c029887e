// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * Which system calls processes under a seccomp filter make that the filter lets through, for tests: the kernel asks the
 * filter before it comes here. Told by the parent of the cgroup that the process is in, the pod of a container.
 */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

#define FILTERED 2 /* SECCOMP_MODE_FILTER */
#define SOCKET 41
#define SETNS 308
#define BPF 321

/* What is read of the kernel's types; where it is there, libbpf asks the kernel. */
#define OF_KERNEL __attribute__((preserve_access_index))

struct seccomp {
	int mode;
} OF_KERNEL;

struct cgroup {
	int level;
} OF_KERNEL;

struct css_set {
	struct cgroup *dfl_cgrp;
} OF_KERNEL;

struct task_struct {
	struct seccomp seccomp;
	struct css_set *cgroups;
} OF_KERNEL;

struct pt_regs {
	unsigned long si;
	unsigned long di;
} OF_KERNEL;

/* argument: of those calls that profiles tell apart by one: the family, the kind of namespace, the command. */
struct call {
	__u64 pod;
	__u32 number;
	__u32 argument;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 8192);
	__type(key, struct call);
	__type(value, __u64);
} calls SEC(".maps");

static __u32 argument(struct pt_regs *registers, long number)
{
	switch (number) {
	case SOCKET:
	case BPF:
		return registers->di;
	case SETNS:
		return registers->si;
	default:
		return 0;
	}
}

SEC("tp_btf/sys_enter")
int enter(__u64 *context)
{
	struct pt_regs *registers = (struct pt_regs *)context[0];
	long number = (long)context[1];
	struct task_struct *task = bpf_get_current_task_btf();
	if (task->seccomp.mode != FILTERED)
		return 0;
	struct call call = {
		.pod = bpf_get_current_ancestor_cgroup_id(task->cgroups->dfl_cgrp->level - 1),
		.number = number,
		.argument = argument(registers, number),
	};
	__u64 one = 1;
	if (!bpf_map_lookup_elem(&calls, &call))
		bpf_map_update_elem(&calls, &call, &one, BPF_ANY);
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
