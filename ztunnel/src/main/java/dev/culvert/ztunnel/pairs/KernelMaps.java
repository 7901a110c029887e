// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.pairs;

import dev.culvert.linux.Fd;
import dev.culvert.linux.bpf.BpfMap;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.SecureRandom;
import java.util.List;
import java.util.function.Consumer;

/**
 * What the agent lets a ztunnel have of the kernel's maps: enough to take every grant back when the
 * agent is dead, and to hear of connections that ended. One thread.
 */
final class KernelMaps implements AutoCloseable {
  static final int COUNT = 3;
  private static final byte[] ONLY = new byte[4];

  private final SecureRandom random = new SecureRandom();
  private final BpfMap generation;
  private final BpfMap reports;
  private final BpfMap losses;

  private KernelMaps(BpfMap generation, BpfMap reports, BpfMap losses) {
    this.generation = generation;
    this.reports = reports;
    this.losses = losses;
  }

  /** Of descriptors that stay the caller's. */
  static KernelMaps copyOf(List<Fd> fds) throws IOException {
    BpfMap generation = BpfMap.own(fds.get(0).duplicate());
    BpfMap reports = BpfMap.own(fds.get(1).duplicate());
    return new KernelMaps(generation, reports, BpfMap.own(fds.get(2).duplicate()));
  }

  /** What a grant must carry to count. */
  long generation() throws IOException {
    return number(generation);
  }

  /** Voids every grant there is; returns the generation of those to come. */
  long voidAll() throws IOException {
    long fresh = 0;
    while (fresh == 0) {
      fresh = random.nextLong();
    }
    byte[] value = new byte[8];
    ByteBuffer.wrap(value).order(ByteOrder.nativeOrder()).putLong(fresh);
    generation.update(ONLY, value);
    return fresh;
  }

  /**
   * Takes what is told of connections that ended.
   *
   * @param most of them
   * @param taker gets each as bytes that are used again for the next
   */
  void takeReports(int most, Consumer<byte[]> taker) throws IOException {
    var _ = reports.drain(most, taker);
  }

  /** How many reports there was no room for. */
  long losses() throws IOException {
    return number(losses);
  }

  private static long number(BpfMap map) throws IOException {
    byte[] value = map.lookup(ONLY).orElseThrow();
    return ByteBuffer.wrap(value).order(ByteOrder.nativeOrder()).getLong();
  }

  @Override
  public void close() {
    generation.close();
    reports.close();
    losses.close();
  }
}
