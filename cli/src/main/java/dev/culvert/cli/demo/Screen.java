// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.demo;

import dev.culvert.cli.answer.Causes;
import java.io.Console;
import java.io.IOException;
import java.io.PrintStream;
import java.time.Duration;

/** What the demo prints: colour and moving lines on a terminal, plain lines elsewhere. */
final class Screen {
  private static final String BOLD = "1";
  private static final String DIM = "2";
  private static final String RED = "31";
  private static final String GREEN = "32";
  private static final String CYAN = "36";

  private final PrintStream out;
  private final boolean rich;
  private volatile boolean ended;

  Screen(PrintStream out, boolean rich) {
    this.out = out;
    this.rich = rich;
  }

  /** Colour only where somebody looks at it; see https://no-color.org. */
  @SuppressWarnings("SystemConsoleNull") // it is null again from JDK 25 on when not interactive
  static Screen standard() {
    Console console = System.console();
    boolean terminal = console != null && console.isTerminal();
    return new Screen(System.out, terminal && System.getenv("NO_COLOR") == null);
  }

  /** Some work whose result is worth a line. */
  @FunctionalInterface
  interface Work<T> {
    T run() throws IOException;
  }

  void title(String text) {
    print("");
    print(paint(BOLD, text));
  }

  void line(String text) {
    print(text);
  }

  /** Says what is being done, then that it is done and how long it took. */
  <T> T step(String what, Work<T> work) throws IOException {
    begin("  … " + what);
    long begin = System.nanoTime();
    boolean done = false;
    try {
      T result = work.run();
      done = true;
      return result;
    } finally {
      String mark = done ? paint(GREEN, "✔") : paint(RED, "✘");
      replace(
          "  %s %-67s %s".formatted(mark, what, paint(DIM, seconds(System.nanoTime() - begin))));
    }
  }

  /** One stage of a connection's way. */
  void stage(int number, String name, String what) {
    print("  %d %s %s".formatted(number, paint(CYAN, "%-9s".formatted(name)), what));
  }

  /** Runs a proof and prints its verdict with the evidence. */
  boolean proof(String claim, Work<Findings> work) {
    begin("  …    " + claim);
    Findings findings = examine(work);
    String verdict = findings.hold() ? paint(GREEN, "PASS") : paint(RED, "FAIL");
    replace("  %s %s".formatted(verdict, paint(BOLD, claim)));
    for (Findings.Seen seen : findings.all()) {
      String text = seen.holds() ? paint(DIM, seen.text()) : paint(RED, "✘ " + seen.text());
      print("       " + text);
    }
    return findings.hold();
  }

  private static Findings examine(Work<Findings> work) {
    try {
      return work.run();
    } catch (IOException | RuntimeException e) {
      return new Findings().saw(false, Causes.of(e));
    }
  }

  void verdict(boolean good, String text) {
    print("");
    print(paint(good ? GREEN : RED, paint(BOLD, text)));
  }

  static String seconds(long nanos) {
    return "%.1f s".formatted(nanos / (double) Duration.ofSeconds(1).toNanos());
  }

  /** Prints a last line. */
  void end(String text) {
    ended = true;
    out.println();
    out.println(text);
  }

  private void begin(String text) {
    if (rich && !ended) {
      out.print(text);
      out.flush();
    }
  }

  private void replace(String text) {
    print(rich ? "\r\u001b[K" + text : text);
  }

  private void print(String text) {
    if (!ended) {
      out.println(text);
    }
  }

  private String paint(String code, String text) {
    return rich ? "\u001b[" + code + "m" + text + "\u001b[0m" : text;
  }
}
