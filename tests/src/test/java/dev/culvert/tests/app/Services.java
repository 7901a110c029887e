// SPDX-License-Identifier: Apache-2.0
package dev.culvert.tests.app;

import dev.culvert.tests.app.AppServer.Service;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

/** The protocols that test apps speak. */
public final class Services {
  private Services() {}

  /** Sends back what it reads; ends when the client ends. */
  public static Service echo() {
    return connection -> {
      ByteBuffer buffer = ByteBuffer.allocateDirect(65536);
      while (connection.read(buffer) >= 0) {
        connection.send(buffer.flip());
        buffer.clear();
      }
    };
  }

  /** Speaks first, as SMTP and MySQL do, then echoes. */
  public static Service greet(String greeting) {
    return connection -> {
      connection.send(greeting);
      echo().serve(connection);
    };
  }

  /**
   * Ends its own half at once and answers nothing, but reads to the end and then hands over what it
   * read.
   */
  public static Service listenOnly(Consumer<String> heard) {
    return connection -> {
      connection.finish();
      heard.accept(connection.receiveAll());
    };
  }

  /** Reads until the client ends its half, then answers with it in one piece. */
  public static Service answerAfterEnd() {
    return connection -> {
      String heard = connection.receiveAll();
      connection.send("heard " + heard);
    };
  }

  /** Reads nothing until told to, then everything; the digest of it goes to the receipt. */
  public static Service readWhenOpened(
      CountDownLatch gate, CompletableFuture<Pattern.Receipt> receipt) {
    return connection -> {
      gate.await();
      hand(receipt, () -> Pattern.receive(connection));
    };
  }

  /** Holds the connection open, silent, until the peer ends. */
  public static Service hold() {
    return AppConnection::receiveAll;
  }

  /** Reads all that comes, as fast as it can, and forgets it. */
  public static Service discard() {
    return connection -> {
      ByteBuffer buffer = ByteBuffer.allocateDirect(256 * 1024);
      while (connection.read(buffer) >= 0) {
        buffer.clear();
      }
    };
  }

  /** Sends and receives a pattern at once; hands over the receipt of what came. */
  public static Service exchange(long bytes, CompletableFuture<Pattern.Receipt> receipt) {
    return connection -> hand(receipt, () -> exchangeNow(connection, bytes));
  }

  private interface Receiving {
    Pattern.Receipt run() throws IOException, InterruptedException;
  }

  /** What broke goes to whoever waits for the receipt, too. */
  private static void hand(CompletableFuture<Pattern.Receipt> receipt, Receiving receiving)
      throws IOException, InterruptedException {
    try {
      receipt.complete(receiving.run());
    } catch (IOException e) {
      receipt.completeExceptionally(e);
      throw e;
    }
  }

  /** Sends so many bytes and reads to the end of the other half at the same time. */
  public static Pattern.Receipt exchangeNow(AppConnection connection, long bytes)
      throws IOException, InterruptedException {
    var failure = new AtomicReference<IOException>();
    Thread sender =
        Thread.ofVirtual()
            .start(
                () -> {
                  try {
                    Pattern.send(connection, bytes);
                    connection.finish();
                  } catch (IOException e) {
                    failure.set(e);
                  }
                });
    Pattern.Receipt receipt = Pattern.receive(connection);
    sender.join();
    if (failure.get() != null) {
      throw failure.get();
    }
    return receipt;
  }
}
