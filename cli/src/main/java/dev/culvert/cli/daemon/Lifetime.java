// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.daemon;

import dev.culvert.cli.answer.Causes;
import dev.culvert.cli.answer.ExitCode;
import dev.culvert.cli.answer.UsageException;
import dev.culvert.cli.log.Logs;
import dev.culvert.linux.memory.CleanPages;
import dev.culvert.linux.memory.NativeHeap;
import dev.culvert.policy.settings.InvalidSettingException;
import dev.culvert.policy.settings.Settings;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** From start to SIGTERM of a daemon. */
final class Lifetime {
  private static final Logger log = LoggerFactory.getLogger(Lifetime.class);

  /** By then a start's own work is done; what is needed again comes back from the page cache. */
  private static final Duration UNTIL_RESTED = Duration.ofSeconds(10);

  private Lifetime() {}

  /**
   * Starts the daemon and waits for SIGTERM or SIGINT, then closes it and ends the process with 0.
   *
   * @return the exit code of a start that failed
   */
  static int run(Daemon daemon, Settings settings) {
    AutoCloseable running;
    if (!NativeHeap.keepFreed()) {
      log.debug("the C library keeps its own ways with memory that is freed");
    }
    try {
      running = daemon.starter().start(settings);
    } catch (InvalidSettingException e) {
      throw new UsageException(e.getMessage());
    } catch (Exception e) {
      log.error("{} cannot start: {}", daemon.name(), Causes.of(e));
      log.debug("where it failed", e);
      Logs.flush();
      return ExitCode.FAILURE;
    }
    log.info("{} runs, process {}", daemon.name(), ProcessHandle.current().pid());
    Runtime.getRuntime().addShutdownHook(new Thread(() -> end(daemon, running), "shutdown"));
    rest();
    return ExitCode.OK;
  }

  /** A JVM that ends by SIGTERM answers 143; halting from the hook makes an orderly end 0. */
  private static void end(Daemon daemon, AutoCloseable running) {
    int code = ExitCode.OK;
    try {
      log.info("{} ends", daemon.name());
      running.close();
    } catch (Exception e) {
      log.error("{} could not end cleanly: {}", daemon.name(), Causes.of(e));
      code = ExitCode.FAILURE;
    }
    Logs.flush();
    Runtime.getRuntime().halt(code);
  }

  private static void rest() {
    try {
      Thread.sleep(UNTIL_RESTED);
      log.debug("{} bytes of a start's pages given back", CleanPages.giveBack());
    } catch (IOException e) {
      log.debug("the pages of the start stay: {}", Causes.of(e));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    forever();
  }

  private static void forever() {
    try {
      new CountDownLatch(1).await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
