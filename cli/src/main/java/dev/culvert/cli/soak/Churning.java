// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.soak;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;

/** The thread of the churn, from the begin of the load to its end. */
final class Churning implements AutoCloseable {
  private final Churn churn;
  private final SoakPlan plan;
  private final long begin = System.nanoTime();
  private final Thread thread = Thread.ofPlatform().name("churn").unstarted(this::run);
  private volatile boolean over;
  private volatile boolean replacing = true;
  private volatile IOException failure;

  private Churning(Churn churn, SoakPlan plan) {
    this.churn = churn;
    this.plan = plan;
  }

  static Churning start(Churn churn, SoakPlan plan) {
    Churning churning = new Churning(churn, plan);
    churning.thread.start();
    return churning;
  }

  private void run() {
    try {
      while (!over) {
        replacing =
            System.nanoTime() - begin < plan.replacements().toNanos() || !churn.hasReplaced();
        churn.next(replacing);
        Pause.of(plan.betweenEvents());
      }
    } catch (IOException e) {
      failure = e;
    } catch (RuntimeException e) {
      failure = new IOException(e);
    }
  }

  /** Whether a daemon may end yet, or is being started again. */
  boolean isReplacing() {
    return replacing;
  }

  /** Why it could not go on. */
  Optional<String> failure() {
    return Optional.ofNullable(failure).map(Throwable::getMessage);
  }

  /** Begins nothing more, and lets what was begun come to its end. */
  @Override
  public void close() throws IOException {
    over = true;
    try {
      if (!thread.join(Duration.ofMinutes(3))) {
        thread.interrupt();
        throw new IOException("what the churn last began does not end");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    }
  }
}
