// SPDX-License-Identifier: Apache-2.0
package dev.culvert.linux.bpf;

import dev.culvert.linux.Fd;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/** A map in the kernel. Keys and values are bytes as its programs see them. */
public final class BpfMap implements AutoCloseable {
  private static final long BPF_ANY = 0;

  private final Fd fd;
  private final MapInfo info;

  private BpfMap(Fd fd, MapInfo info) {
    this.fd = fd;
    this.info = info;
  }

  /**
   * Takes ownership of a descriptor that came from elsewhere, for example in SCM_RIGHTS.
   *
   * @throws IOException when it is no map; the descriptor is closed then
   */
  public static BpfMap own(Fd fd) throws IOException {
    try {
      return new BpfMap(fd, MapInfo.of(fd));
    } catch (IOException | RuntimeException e) {
      fd.close();
      throw e;
    }
  }

  /**
   * Opens a map by its pin.
   *
   * @throws IOException when nothing, or something else than a map, is pinned there
   */
  public static BpfMap openPinned(Path pin) throws IOException {
    return own(Pins.open(pin, Pins.MAP));
  }

  /** The value of a key. */
  public Optional<byte[]> lookup(byte[] key) throws IOException {
    return LibbpfCalls.lookup(fd, checkKey(key), info.valueSize());
  }

  /**
   * Sets the value of a key, whether it was there or not.
   *
   * @throws IOException E2BIG when the map is full
   */
  public void update(byte[] key, byte[] value) throws IOException {
    LibbpfCalls.update(fd, checkKey(key), check(value, info.valueSize(), "value"), BPF_ANY);
  }

  /** Removes a key; false when it was not there. */
  public boolean delete(byte[] key) throws IOException {
    return LibbpfCalls.delete(fd, checkKey(key));
  }

  /**
   * Every key that was there during the whole call, and perhaps some that came or went. The walk
   * starts over when its key is deleted meanwhile, so it is bounded.
   */
  public List<byte[]> keys() throws IOException {
    Set<ByteBuffer> keys = new LinkedHashSet<>();
    Optional<byte[]> key = LibbpfCalls.nextKey(fd, Optional.empty(), info.keySize());
    for (long step = 0; key.isPresent() && step < 4L * info.maxEntries(); step++) {
      keys.add(ByteBuffer.wrap(key.get()));
      key = LibbpfCalls.nextKey(fd, key, info.keySize());
    }
    return keys.stream().map(ByteBuffer::array).toList();
  }

  /**
   * Takes the oldest elements out of a BPF_MAP_TYPE_QUEUE, which has values only.
   *
   * @param most of them that are taken; at least 0
   * @param taker gets each in bytes that are used again for the next
   * @return how many there were
   */
  public int drain(int most, Consumer<byte[]> taker) throws IOException {
    return LibbpfCalls.drain(fd, info.valueSize(), most, taker);
  }

  public MapInfo info() {
    return info;
  }

  /** The descriptor, owned by this object; whoever gets a copy may read and write the map. */
  public Fd fd() {
    return fd;
  }

  private byte[] checkKey(byte[] key) {
    return check(key, info.keySize(), "key");
  }

  private byte[] check(byte[] bytes, int size, String what) {
    if (bytes.length != size) {
      throw new IllegalArgumentException(
          "a %s of map %s has %d bytes, not %d".formatted(what, info.name(), size, bytes.length));
    }
    return bytes;
  }

  /** Closes the descriptor; a pinned map, or one that a program uses, lives on. */
  @Override
  public void close() {
    fd.close();
  }

  @Override
  public String toString() {
    return "BPF map " + info.name();
  }
}
