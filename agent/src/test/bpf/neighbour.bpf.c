// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * What other software attaches beside the mesh, for tests: a socket balancer that chooses a service's endpoint at
 * connect, named as Cilium names its own, and a program that looks up sockets.
 */
#include <linux/bpf.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define SERVICE 0xc6130707  /* 198.19.7.7 */
#define ENDPOINT 0xc612ff01 /* 198.18.255.1 */

SEC("cgroup/connect4")
int cil_sock4_connect(struct bpf_sock_addr *ctx)
{
	if (ctx->user_ip4 == bpf_htonl(SERVICE))
		ctx->user_ip4 = bpf_htonl(ENDPOINT);
	return 1;
}

SEC("sk_lookup")
int cil_lookup(struct bpf_sk_lookup *ctx)
{
	return ctx->protocol ? SK_PASS : SK_DROP;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
