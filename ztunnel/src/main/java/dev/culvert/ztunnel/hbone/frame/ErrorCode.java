// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.hbone.frame;

/** Why a stream was reset or a connection ended; RFC 9113, section 7. */
public enum ErrorCode {
  NO_ERROR(0),
  PROTOCOL_ERROR(1),
  INTERNAL_ERROR(2),
  FLOW_CONTROL_ERROR(3),
  SETTINGS_TIMEOUT(4),
  STREAM_CLOSED(5),
  FRAME_SIZE_ERROR(6),
  REFUSED_STREAM(7),
  CANCEL(8),
  COMPRESSION_ERROR(9),
  CONNECT_ERROR(10),
  ENHANCE_YOUR_CALM(11),
  INADEQUATE_SECURITY(12),
  HTTP_1_1_REQUIRED(13);

  private final int code;

  ErrorCode(int code) {
    this.code = code;
  }

  /** The number on the wire. */
  public int code() {
    return code;
  }

  /** The name of a number, also of one that the standard does not know. */
  public static String name(long code) {
    for (ErrorCode known : values()) {
      if (known.code == code) {
        return known.name();
      }
    }
    return "code " + code;
  }
}
