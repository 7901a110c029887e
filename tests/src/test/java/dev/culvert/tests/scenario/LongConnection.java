// SPDX-License-Identifier: Apache-2.0
package dev.culvert.tests.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.tests.app.AppConnection;
import dev.culvert.tests.app.Pattern;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;

/** A connection to an echo that lives until it is ended, and of which every byte is checked. */
final class LongConnection implements AutoCloseable {
  /** A chat that leaves the machine time for more. */
  private static final long PACE_NANOS = 2_000_000;

  private final AppConnection connection;
  private final AtomicBoolean wanted = new AtomicBoolean(true);
  private final CompletableFuture<Void> checked;

  private interface Body {
    void run(LongConnection own) throws Exception;
  }

  private LongConnection(AppConnection connection, Body body) {
    this.connection = connection;
    this.checked =
        CompletableFuture.runAsync(() -> run(body), task -> Thread.ofPlatform().start(task));
  }

  private void run(Body body) {
    try {
      body.run(this);
    } catch (Exception e) {
      throw new AssertionError("a long connection broke: " + e, e);
    }
  }

  /** One that always has something to send. */
  static LongConnection transfer(AppConnection connection) {
    return new LongConnection(connection, LongConnection::transfer);
  }

  /** One that says a little, waits for the answer, and says more. */
  static LongConnection chat(AppConnection connection) {
    return new LongConnection(connection, LongConnection::chat);
  }

  private void transfer() throws Exception {
    CompletableFuture<Pattern.Receipt> back =
        CompletableFuture.supplyAsync(this::receive, task -> Thread.ofPlatform().start(task));
    long sent = Pattern.sendWhile(connection, wanted::get);
    connection.finish();
    assertThat(back.get()).isEqualTo(Pattern.expected(sent));
  }

  private Pattern.Receipt receive() {
    try {
      return Pattern.receive(connection);
    } catch (IOException e) {
      throw new AssertionError("the way back broke", e);
    }
  }

  private void chat() throws IOException {
    for (int i = 0; wanted.get(); i++) {
      String line = "line %08d".formatted(i);
      assertThat(connection.echo(line)).isEqualTo(line);
      LockSupport.parkNanos(PACE_NANOS);
    }
    connection.finish();
    assertThat(connection.receiveAll()).isEmpty();
  }

  /** Ends it in order; fails when a byte was lost, doubled or wrong, or it broke. */
  void endAndVerify() throws InterruptedException, ExecutionException, TimeoutException {
    wanted.set(false);
    checked.get(60, TimeUnit.SECONDS);
  }

  @Override
  public void close() throws IOException {
    wanted.set(false);
    connection.close();
  }
}
