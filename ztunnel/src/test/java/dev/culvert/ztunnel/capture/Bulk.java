// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.capture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import java.util.zip.CRC32C;

/** Much data. */
final class Bulk {
  private static final int BLOCK = 1 << 16;

  private Bulk() {}

  /** Sends so many bytes each way at once and compares checksums. */
  static void bothWays(Socket client, Socket server, int bytes) {
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var up = CompletableFuture.supplyAsync(() -> send(client, 1, bytes), threads);
      var down = CompletableFuture.supplyAsync(() -> send(server, 2, bytes), threads);
      var atServer = CompletableFuture.supplyAsync(() -> receive(server, bytes), threads);
      var atClient = CompletableFuture.supplyAsync(() -> receive(client, bytes), threads);
      assertThat(atServer.join()).isEqualTo(up.join());
      assertThat(atClient.join()).isEqualTo(down.join());
    }
  }

  static long send(Socket socket, int seed, int bytes) {
    Random random = new Random(seed);
    CRC32C sum = new CRC32C();
    byte[] block = new byte[BLOCK];
    random.nextBytes(block);
    try {
      OutputStream out = socket.getOutputStream();
      for (int left = bytes; left > 0; ) {
        ByteBuffer.wrap(block).putInt(left);
        int length = Math.min(left, 1 + random.nextInt(BLOCK));
        sum.update(block, 0, length);
        out.write(block, 0, length);
        left -= length;
      }
      socket.shutdownOutput();
      return sum.getValue();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static long receive(Socket socket, int bytes) {
    CRC32C sum = new CRC32C();
    byte[] block = new byte[BLOCK];
    try {
      InputStream in = socket.getInputStream();
      long total = 0;
      for (int read = in.read(block); read >= 0; read = in.read(block)) {
        sum.update(block, 0, read);
        total += read;
      }
      assertThat(total).isEqualTo(bytes);
      return sum.getValue();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Sends until the socket is closed. */
  static void sendWithoutEnd(Socket socket) {
    byte[] block = new byte[BLOCK];
    try {
      while (true) {
        socket.getOutputStream().write(block);
      }
    } catch (IOException closed) {
      // That is the end.
    }
  }

  /** Reads until the socket is closed. */
  static void readAll(Socket socket) {
    byte[] block = new byte[BLOCK];
    try {
      while (socket.getInputStream().read(block) >= 0) {
        // Whatever it is.
      }
    } catch (IOException closed) {
      // That is the end.
    }
  }

  /** Sends to a peer that does not read until nothing more is taken; how much was. */
  static long pushUntilStuck(Socket socket) throws Exception {
    AtomicLong pushed = new AtomicLong();
    Thread pusher =
        Thread.ofVirtual()
            .start(
                () -> {
                  byte[] block = new byte[BLOCK];
                  try {
                    while (true) {
                      socket.getOutputStream().write(block);
                      pushed.addAndGet(BLOCK);
                    }
                  } catch (IOException e) {
                    // The test closes the socket at its end.
                  }
                });
    long before = -1;
    while (pushed.get() != before) {
      before = pushed.get();
      pusher.join(Duration.ofMillis(100));
    }
    return before;
  }
}
