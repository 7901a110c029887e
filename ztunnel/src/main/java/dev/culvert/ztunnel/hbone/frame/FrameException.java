// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.hbone.frame;

/** A peer broke the protocol, or asked for more than its share: the connection ends. */
public final class FrameException extends Exception {
  private static final long serialVersionUID = 1L;

  private final ErrorCode code;

  public FrameException(ErrorCode code, String problem) {
    super(problem + " (HTTP/2 " + code + ")", null, false, false);
    this.code = code;
  }

  /** What the peer is told. */
  public ErrorCode code() {
    return code;
  }
}
