// SPDX-License-Identifier: Apache-2.0
/**
 * Sockets, the options on them, what passes between processes over them, and the network namespaces
 * that they are made in.
 */
package dev.culvert.linux.socket;
