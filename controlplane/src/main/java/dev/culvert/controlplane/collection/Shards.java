// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.collection;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * An immutable map of text to something, in shards by the hash of the key: a successor shares every
 * shard in which nothing changed, so that it costs what changed, and so does telling two apart.
 */
public final class Shards<V> {
  /** 110,000 entries make shards of about 200: a change copies that many references. */
  private static final int COUNT = 512;

  private static final Shards<?> EMPTY = new Shards<>(empty(), 0);

  private final List<Shard<V>> shards;
  private final int size;

  private Shards(List<Shard<V>> shards, int size) {
    this.shards = shards;
    this.size = size;
  }

  /** A map without entries. */
  @SuppressWarnings("unchecked") // it holds nothing
  public static <V> Shards<V> none() {
    return (Shards<V>) EMPTY;
  }

  /** How many entries there are. */
  public int size() {
    return size;
  }

  /** What a key stands for, or null. */
  public @Nullable V get(String key) {
    return shards.get(index(key)).get(key);
  }

  /** In an order that depends on the keys only. */
  public void forEach(BiConsumer<String, V> each) {
    shards.forEach(shard -> shard.forEach(each));
  }

  /**
   * The map after some changes.
   *
   * @param changes what a key stands for from now on; null when it is not there any more
   */
  public Shards<V> with(Map<String, @Nullable V> changes) {
    Map<Integer, TreeMap<String, @Nullable V>> byShard = new TreeMap<>();
    changes.forEach(
        (key, value) -> byShard.computeIfAbsent(index(key), _ -> new TreeMap<>()).put(key, value));
    List<Shard<V>> next = new ArrayList<>(shards);
    int[] grown = {size};
    byShard.forEach(
        (index, own) -> {
          Shard<V> before = next.get(index);
          Shard<V> after = before.with(own);
          grown[0] += after.size() - before.size();
          next.set(index, after);
        });
    return new Shards<>(List.copyOf(next), grown[0]);
  }

  /** Names each key that does not stand for the same in both. */
  @SuppressWarnings("ReferenceEquality") // a shard that is shared is the same
  public void difference(Shards<V> other, Consumer<String> key) {
    for (int i = 0; i < COUNT; i++) {
      if (shards.get(i) != other.shards.get(i)) {
        shards.get(i).difference(other.shards.get(i), key);
      }
    }
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Shards<?> one && size == one.size && shards.equals(one.shards);
  }

  @Override
  public int hashCode() {
    return shards.hashCode();
  }

  private static int index(String key) {
    int hash = key.hashCode();
    return (hash ^ (hash >>> 16)) & (COUNT - 1);
  }

  private static <V> List<Shard<V>> empty() {
    List<Shard<V>> shards = new ArrayList<>();
    Shard<V> empty = new Shard<>(new String[0], new Object[0]);
    for (int i = 0; i < COUNT; i++) {
      shards.add(empty);
    }
    return List.copyOf(shards);
  }

  /** Some of the entries, in the order of their keys. */
  private static final class Shard<V> {
    private final String[] keys;
    private final Object[] values;

    Shard(String[] keys, Object[] values) {
      this.keys = keys;
      this.values = values;
    }

    int size() {
      return keys.length;
    }

    @Nullable V get(String key) {
      int at = Arrays.binarySearch(keys, key);
      return at < 0 ? null : value(at);
    }

    void forEach(BiConsumer<String, V> each) {
      for (int i = 0; i < keys.length; i++) {
        each.accept(keys[i], value(i));
      }
    }

    Shard<V> with(NavigableMap<String, @Nullable V> changes) {
      TreeMap<String, @Nullable V> merged = new TreeMap<>();
      forEach(merged::put);
      merged.putAll(changes);
      merged.values().removeIf(value -> value == null);
      return new Shard<>(merged.keySet().toArray(String[]::new), merged.values().toArray());
    }

    void difference(Shard<V> other, Consumer<String> key) {
      for (int i = 0; i < keys.length; i++) {
        if (!values[i].equals(other.get(keys[i]))) {
          key.accept(keys[i]);
        }
      }
      for (String theirs : other.keys) {
        if (Arrays.binarySearch(keys, theirs) < 0) {
          key.accept(theirs);
        }
      }
    }

    @SuppressWarnings("unchecked") // only values of this type are put in
    private V value(int at) {
      return (V) values[at];
    }

    @Override
    public boolean equals(Object other) {
      return this == other
          || (other instanceof Shard<?> one
              && Arrays.equals(keys, one.keys)
              && Arrays.equals(values, one.values));
    }

    @Override
    public int hashCode() {
      return Arrays.hashCode(keys);
    }
  }
}
