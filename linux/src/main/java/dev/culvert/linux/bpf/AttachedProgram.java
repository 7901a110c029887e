// SPDX-License-Identifier: Apache-2.0
package dev.culvert.linux.bpf;

/**
 * A program that somebody attached.
 *
 * @param id unique until the next boot
 * @param name at most 15 characters of it, as the kernel keeps them; may be empty
 */
public record AttachedProgram(int id, String name) {
  /** For an operator, who can look further with {@code bpftool prog show id}. */
  @Override
  public String toString() {
    return "%s (program %d)".formatted(name.isEmpty() ? "without a name" : name, id);
  }
}
