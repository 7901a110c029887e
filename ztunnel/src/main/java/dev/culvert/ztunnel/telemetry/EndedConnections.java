// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.telemetry;

import java.util.Arrays;

/**
 * Connections between the same two ends that are over: of each its client's port, its bytes and how
 * long it lasted. Filled by one thread, and not touched any more once it was handed on.
 */
public final class EndedConnections {
  /** So that a log which is nearly full loses what has no room, and not much more. */
  static final int MOST = 512;

  private char[] ports = new char[8];
  private long[] sent = new long[8];
  private long[] received = new long[8];
  private long[] millis = new long[8];
  private int count;

  /** Whether no more may be added. */
  public boolean isFull() {
    return count == MOST;
  }

  /**
   * Adds one.
   *
   * @param port the client's, 0 to 65535
   * @param toServer bytes from the client
   * @param toClient bytes from the server
   * @param lasted milliseconds
   */
  public void add(int port, long toServer, long toClient, long lasted) {
    if (isFull()) {
      throw new IllegalStateException("there are %d already".formatted(count));
    }
    if (count == ports.length) {
      grow(2 * count);
    }
    ports[count] = (char) port;
    sent[count] = toServer;
    received[count] = toClient;
    millis[count] = lasted;
    count++;
  }

  private void grow(int room) {
    ports = Arrays.copyOf(ports, room);
    sent = Arrays.copyOf(sent, room);
    received = Arrays.copyOf(received, room);
    millis = Arrays.copyOf(millis, room);
  }

  /** How many there are. */
  public int count() {
    return count;
  }

  int port(int index) {
    return ports[index];
  }

  long sent(int index) {
    return sent[index];
  }

  long received(int index) {
    return received[index];
  }

  long millis(int index) {
    return millis[index];
  }

  long allSent() {
    return Arrays.stream(sent, 0, count).sum();
  }

  long allReceived() {
    return Arrays.stream(received, 0, count).sum();
  }
}
