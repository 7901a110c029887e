// SPDX-License-Identifier: Apache-2.0
package dev.culvert.linux.bpf;

/**
 * A program of an object file.
 *
 * @param section what libbpf derives its kind and place of attachment from, as {@code
 *     cgroup/connect4}
 */
public record ProgramSpec(String name, String section) {}
