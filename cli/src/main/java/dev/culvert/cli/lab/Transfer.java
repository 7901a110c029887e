// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.lab;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * Moves numbered bytes through an echo server and checks that each comes back in its place: {@code
 * moved bytes=N} now and then, {@code done sent=N verified=N wrong=N} at the end.
 */
final class Transfer {
  private static final int CHUNK = 64 * 1024;

  /** About 30 MB/s each way: a busy connection that leaves the machine time for others. */
  private static final long PACE_NANOS = 2_000_000;

  private final SocketChannel connection;
  private final AtomicBoolean ending = new AtomicBoolean();
  private final AtomicLong sent = new AtomicLong();

  private Transfer(SocketChannel connection) {
    this.connection = connection;
  }

  static void run(SocketChannel connection) throws IOException {
    Transfer transfer = new Transfer(connection);
    Thread.ofPlatform().daemon().start(transfer::watchInput);
    Thread.ofPlatform().daemon().start(transfer::send);
    transfer.verify();
  }

  /** What the byte at a position must be. */
  private static byte at(long position) {
    return (byte) (position * 31 + (position >>> 13));
  }

  private void send() {
    ByteBuffer chunk = ByteBuffer.allocate(CHUNK);
    try {
      while (!ending.get()) {
        chunk.clear();
        for (int i = 0; i < CHUNK; i++) {
          chunk.put(at(sent.get() + i));
        }
        chunk.flip();
        while (chunk.hasRemaining()) {
          connection.write(chunk);
        }
        sent.addAndGet(CHUNK);
        LockSupport.parkNanos(PACE_NANOS);
      }
      connection.shutdownOutput();
    } catch (IOException e) {
      LabClient.say("send failed: %s".formatted(e.getMessage()));
    }
  }

  private void verify() throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(CHUNK);
    long verified = 0;
    long wrong = 0;
    long told = 0;
    while (connection.read(buffer) >= 0) {
      buffer.flip();
      while (buffer.hasRemaining()) {
        if (buffer.get() != at(verified++)) {
          wrong++;
        }
      }
      buffer.clear();
      if (verified - told > 4L * CHUNK) {
        told = verified;
        LabClient.say("moved bytes=%d".formatted(verified));
      }
    }
    LabClient.say("done sent=%d verified=%d wrong=%d".formatted(sent.get(), verified, wrong));
  }

  private void watchInput() {
    try {
      while (System.in.read() >= 0) {
        LabClient.say("told");
      }
    } catch (IOException e) {
      LabClient.say("input: %s".formatted(e.getMessage()));
    }
    ending.set(true);
  }
}
