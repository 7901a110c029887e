// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * The mesh's interception, one object, in the order in which a connection meets it. README.md tells the hooks apart.
 * Only UAPI headers: no kernel type is compiled in, what is read of one (options.c) is placed by CO-RE at load.
 */
#include <linux/bpf.h>
#include <linux/in.h>
#include <linux/in6.h>
#include <stdbool.h>
#include <stddef.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "../include/culvert_abi.h"

/* Not in UAPI headers that can be included here; the same on every architecture that BPF runs on in practice. */
#define AF_INET 2
#define AF_INET6 10
#define SOL_SOCKET 1
#define SO_MARK 36

#include "address.h"
#include "maps.h"
#include "socket.h"

#include "pairs.c"
#include "connect.c"
#include "datagram.c"
#include "names.c"
#include "flows.c"
#include "handover.c"
#include "options.c"
#include "steer.c"
#include "probes.c"

char LICENSE[] SEC("license") = "Dual BSD/GPL";
