// SPDX-License-Identifier: Apache-2.0
/** Front doors side by side: Culvert's gateway and other reverse proxies before one server. */
package dev.culvert.perf.bench.door;
