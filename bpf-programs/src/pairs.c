// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * Kernel to kernel: an application's connection to a pod of the same node, straight, where the agent wrote down that
 * the proxy allowed exactly this pair. A grant counts for its generation and while the lease runs.
 */

static __always_inline bool is_current(__u64 generation)
{
	__u32 only = 0;
	__u64 *current = bpf_map_lookup_elem(&pair_generation, &only);
	__u64 *lease = bpf_map_lookup_elem(&pair_lease, &only);

	/* Volatile: user space changes both while programs run. */
	return current && lease && generation != 0 && *(volatile __u64 *)current == generation &&
	       bpf_ktime_get_ns() < *(volatile __u64 *)lease;
}

/* One of the ends, at random; NULL if there is none. */
static __always_inline struct culvert_pair_end *pick_end(struct culvert_pair_grant *grant)
{
	__u32 count = grant->count;
	__u32 index;

	if (count == 0 || count > CULVERT_PAIR_ENDS)
		return NULL;
	index = count == 1 ? 0 : bpf_get_prandom_u32() % count;
	barrier_var(index); /* or the compiler drops the bound that it can prove and the verifier cannot */
	return &grant->ends[index & (CULVERT_PAIR_ENDS - 1)];
}

static __always_inline bool is_owner(__u64 netns, const __be32 ip[4])
{
	struct culvert_address address;
	__u64 *owner;

	set_ip(address.ip, ip);
	owner = bpf_map_lookup_elem(&pod_addresses, &address);
	return owner && *owner == netns;
}

/* If the pair is granted: notes it in the socket and puts its end into `asked`. */
static __always_inline bool find_direct(struct bpf_sock_addr *ctx, struct socket_state *state,
					struct culvert_endpoint *asked)
{
	struct culvert_pair pair = { .netns = bpf_get_netns_cookie(ctx), .asked = *asked };
	struct culvert_pair_grant *grant = bpf_map_lookup_elem(&pairs, &pair);
	struct culvert_pair_end *end;
	struct direct *direct;

	if (!grant || !is_current(grant->generation))
		return false;
	end = pick_end(grant);
	if (!end || !is_owner(end->netns, end->endpoint.ip) || is_v4(end->endpoint.ip) != is_v4(asked->ip))
		return false;
	direct = bpf_sk_storage_get(&directs, ctx->sk, 0, BPF_SK_STORAGE_GET_F_CREATE);
	if (!direct)
		return false;
	direct->generation = grant->generation;
	direct->destination_netns = end->netns;
	state->flags |= SOCKET_DIRECT;
	*asked = end->endpoint;
	return true;
}

/* The other end: only what this node's kernel recorded, for the namespace that it was granted for. */
static __always_inline bool may_enter(const struct flow *flow, __u64 netns)
{
	return flow->destination_netns == netns && is_current(flow->generation);
}
