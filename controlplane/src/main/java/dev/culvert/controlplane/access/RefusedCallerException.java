// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.access;

import io.grpc.Status;

/** Why a caller is not let in. */
public final class RefusedCallerException extends Exception {
  private static final long serialVersionUID = 1L;

  private final transient Status status;

  private RefusedCallerException(Status status) {
    super(status.getDescription(), null, false, false);
    this.status = status;
  }

  /** The token proves nothing. */
  public static RefusedCallerException unauthenticated(String reason) {
    return new RefusedCallerException(Status.UNAUTHENTICATED.withDescription(reason));
  }

  /** The token proves who calls, and that is nobody who may. */
  public static RefusedCallerException denied(String reason) {
    return new RefusedCallerException(Status.PERMISSION_DENIED.withDescription(reason));
  }

  /** It cannot be told now; the caller does well to come again. */
  public static RefusedCallerException undecided(String reason) {
    return new RefusedCallerException(Status.UNAVAILABLE.withDescription(reason));
  }

  Status status() {
    return status;
  }
}
