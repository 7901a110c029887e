// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.soak;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * What was done to the mesh that ends connections, and when. Each is written down before it is
 * done. Any thread.
 */
final class Happenings {
  /** A moment that has not come. */
  static final long NEVER = Long.MAX_VALUE;

  /**
   * An app of a pod closes all of its connections. By then every proxy knows that the pod takes no
   * new ones.
   */
  record Closing(String app, String pod, long at) {}

  /**
   * A policy forbids all connections to an app.
   *
   * @param written before its file is there
   * @param known when every proxy has it
   * @param lifted before its file is gone
   * @param forgotten when no proxy has it any more
   */
  record Denial(String app, long written, long known, long lifted, long forgotten) {
    static Denial forEver(String app) {
      return new Denial(app, 0, 0, NEVER, NEVER);
    }

    Denial nowKnown(long at) {
      return new Denial(app, written, at, lifted, forgotten);
    }

    Denial nowLifted(long at) {
      return new Denial(app, written, known, at, forgotten);
    }

    Denial nowForgotten(long at) {
      return new Denial(app, written, known, lifted, at);
    }
  }

  private final List<Closing> closings = new CopyOnWriteArrayList<>();
  private final List<Denial> denials = new CopyOnWriteArrayList<>();

  void add(Closing closing) {
    closings.add(closing);
  }

  void add(Denial denial) {
    denials.add(denial);
  }

  /** The newest goes on. */
  void replaceLast(Denial denial) {
    denials.set(denials.size() - 1, denial);
  }

  List<Closing> closingsOf(String app) {
    return closings.stream().filter(one -> one.app().equals(app)).toList();
  }

  List<Denial> denialsOf(String app) {
    return denials.stream().filter(one -> one.app().equals(app)).toList();
  }
}
