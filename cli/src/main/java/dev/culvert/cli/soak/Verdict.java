// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.soak;

/** What is to be thought of how a connection went. */
sealed interface Verdict {
  /** It did what it was to do. */
  record Fine() implements Verdict {}

  /** It was ended by what was done to the mesh, as it had to be. */
  record Explained(String by) implements Verdict {}

  /** Nothing that was done explains it. */
  record Fault(String what) implements Verdict {}
}
