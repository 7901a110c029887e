// SPDX-License-Identifier: Apache-2.0
package dev.culvert.linux.bpf;

/**
 * The layout of a map.
 *
 * @param type the number of BPF_MAP_TYPE_* in linux/bpf.h
 * @param keySize bytes
 * @param valueSize bytes
 * @param maxEntries 0 where the kind has no bound of its own (socket storage)
 * @param flags BPF_F_*
 */
public record MapSpec(
    String name, int type, int keySize, int valueSize, int maxEntries, int flags) {

  /** Whether a map in the kernel is laid out so. */
  public boolean isLayoutOf(MapInfo map) {
    return layout().equals(map.asSpec().layout());
  }

  /** Whether a map in the kernel differs at most in how many entries it has room for. */
  public boolean isLayoutButForEntriesOf(MapInfo map) {
    return hasKeysOf(map) && valueSize == map.valueSize();
  }

  /** Whether a map in the kernel is of the same kind and has the same keys. */
  public boolean hasKeysOf(MapInfo map) {
    return type == map.type() && keySize == map.keySize() && flags == map.flags();
  }

  /** The layout of a map in the kernel. */
  public static MapSpec of(MapInfo map) {
    return map.asSpec();
  }

  /** In words, without the name: what two layouts are compared by. */
  public String layout() {
    return "type %d, key %d bytes, value %d bytes, %d entries, flags 0x%x"
        .formatted(type, keySize, valueSize, maxEntries, flags);
  }
}
