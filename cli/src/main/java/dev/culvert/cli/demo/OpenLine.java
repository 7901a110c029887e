// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.demo;

/**
 * What a client app said about its new connection.
 *
 * @param local what getsockname told it
 * @param peer what getpeername told it
 */
record OpenLine(String local, String peer) {
  static OpenLine parse(String line) {
    String[] words = line.split(" ", -1);
    return new OpenLine(
        words[1].substring("local=".length()), words[2].substring("peer=".length()));
  }

  int localPort() {
    return Integer.parseInt(local.substring(local.lastIndexOf(':') + 1));
  }
}
