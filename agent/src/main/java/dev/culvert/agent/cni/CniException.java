// SPDX-License-Identifier: Apache-2.0
package dev.culvert.agent.cni;

/**
 * Why a call of the CNI plugin fails, as the container runtime is told: see "Error" in the <a
 * href="https://www.cni.dev/docs/spec/#error">specification</a>.
 */
public final class CniException extends Exception {
  private static final long serialVersionUID = 1L;

  /** Codes of the specification, and from 100 on our own. */
  public enum Code {
    BAD_ENVIRONMENT(4),
    UNDECODABLE(6),
    BAD_CONFIG(7),
    TRY_AGAIN_LATER(11),
    /** Only root may call. */
    REFUSED(100),
    /** CHECK found that a pod of the mesh is not in it. */
    NOT_ENROLLED(101);

    private final int number;

    Code(int number) {
      this.number = number;
    }

    int number() {
      return number;
    }
  }

  private final Code code;

  public CniException(Code code, String message) {
    super(message);
    this.code = code;
  }

  public Code code() {
    return code;
  }
}
