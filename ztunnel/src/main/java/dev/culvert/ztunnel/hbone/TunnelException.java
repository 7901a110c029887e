// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.hbone;

import dev.culvert.ztunnel.telemetry.FlaggedFailure;
import dev.culvert.ztunnel.telemetry.Outcome;
import dev.culvert.ztunnel.telemetry.ResponseFlag;
import java.io.IOException;

/** A tunnel or a stream in it could not be had; the message says to where, why and what helps. */
public final class TunnelException extends IOException implements FlaggedFailure {
  private static final long serialVersionUID = 1L;

  private final ResponseFlag flag;

  TunnelException(ResponseFlag flag, String message) {
    super(message);
    this.flag = flag;
  }

  @Override
  public ResponseFlag flag() {
    return flag;
  }

  /** How the connection that needed it ends. */
  public Outcome outcome() {
    return Outcome.failed(flag, getMessage());
  }

  /** An expected event of networks, made in numbers when one breaks. */
  @Override
  public synchronized Throwable fillInStackTrace() {
    return this;
  }
}
