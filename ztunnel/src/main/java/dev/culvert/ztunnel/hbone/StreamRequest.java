// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.hbone;

/** A stream's CONNECT, for the side that asks and for the side that answers. */
final class StreamRequest {
  private ClientTunnel.Answer waiting;
  private CharSequence baggage;
  private boolean answered;

  /** Who waits for the peer's answer. */
  void await(ClientTunnel.Answer answer) {
    waiting = answer;
  }

  /** The same, once; null when the peer has answered. */
  ClientTunnel.Answer takeAnswer() {
    ClientTunnel.Answer answer = waiting;
    waiting = null;
    return answer;
  }

  /** Whether the peer's answer is waited for. */
  boolean isWaiting() {
    return waiting != null;
  }

  /** What the answer says of the destination. */
  CharSequence baggage() {
    return baggage;
  }

  void baggage(CharSequence said) {
    baggage = said;
  }

  /** Whether the peer's request had been answered; from now on it is. */
  boolean answer() {
    boolean before = answered;
    answered = true;
    return before;
  }

  boolean isAnswered() {
    return answered;
  }
}
