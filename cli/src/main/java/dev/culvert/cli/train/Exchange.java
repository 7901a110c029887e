// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.train;

import java.io.IOException;
import java.net.Socket;

/** What a client does with a connection: requests, and answers read to their ends. */
@FunctionalInterface
interface Exchange {
  /**
   * Closes nothing.
   *
   * @param host what the requests are for
   * @return the status of the last answer
   */
  int with(Socket connection, String host) throws IOException;
}
