// SPDX-License-Identifier: Apache-2.0
package dev.culvert.tests.app;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.zip.CRC32C;

/**
 * A long stream of bytes that both ends can compute: a lost, doubled or misplaced block changes its
 * checksum.
 */
public final class Pattern {
  private static final int BLOCK = 256 * 1024;
  private static final byte[] NOISE = noise();

  /** About 12 MiB a second. */
  private static final long PACE_NANOS = 20_000_000;

  private Pattern() {}

  /** What arrived: how much, and its CRC-32C. */
  public record Receipt(long bytes, long checksum) {}

  /** The receipt of an undamaged stream of this length. */
  public static Receipt expected(long bytes) {
    CRC32C checksum = new CRC32C();
    for (long at = 0; at < bytes; at += BLOCK) {
      checksum.update(block(at, bytes));
    }
    return new Receipt(bytes, checksum.getValue());
  }

  /** Writes the stream; returns when the kernel has taken all of it. */
  public static void send(AppConnection connection, long bytes) throws IOException {
    send(connection, bytes, new AtomicLong());
  }

  /** Writes the stream and counts what the kernel took, while it does. */
  public static void send(AppConnection connection, long bytes, AtomicLong taken)
      throws IOException {
    for (long at = 0; at < bytes; at += BLOCK) {
      ByteBuffer block = block(at, bytes);
      while (block.hasRemaining()) {
        taken.addAndGet(connection.channel().write(block));
      }
    }
  }

  /**
   * Writes the stream for as long as it is wanted, at a pace that leaves the machine time for more.
   *
   * @return how long it became
   */
  public static long sendWhile(AppConnection connection, BooleanSupplier wanted)
      throws IOException {
    long at = 0;
    while (wanted.getAsBoolean()) {
      connection.send(block(at, Long.MAX_VALUE));
      at += BLOCK;
      LockSupport.parkNanos(PACE_NANOS);
    }
    return at;
  }

  /** Reads to the end of the stream. */
  public static Receipt receive(AppConnection connection) throws IOException {
    CRC32C checksum = new CRC32C();
    ByteBuffer buffer = ByteBuffer.allocateDirect(BLOCK);
    long bytes = 0;
    for (int read = connection.read(buffer); read >= 0; read = connection.read(buffer)) {
      bytes += read;
      checksum.update(buffer.flip());
      buffer.clear();
    }
    return new Receipt(bytes, checksum.getValue());
  }

  private static ByteBuffer block(long at, long bytes) {
    ByteBuffer block = ByteBuffer.wrap(NOISE.clone());
    block.putLong(0, at);
    return block.limit((int) Math.min(BLOCK, bytes - at));
  }

  private static byte[] noise() {
    byte[] noise = new byte[BLOCK];
    new SplittableRandom(2).nextBytes(noise);
    return noise;
  }
}
