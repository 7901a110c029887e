// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.hbone.frame;

/** The numbers of settings, and what holds until a peer says otherwise; RFC 9113, section 6.5. */
public final class Settings {
  public static final int HEADER_TABLE_SIZE = 1;
  public static final int ENABLE_PUSH = 2;
  public static final int MAX_CONCURRENT_STREAMS = 3;
  public static final int INITIAL_WINDOW_SIZE = 4;
  public static final int MAX_FRAME_SIZE = 5;
  public static final int MAX_HEADER_LIST_SIZE = 6;

  public static final int DEFAULT_WINDOW = 65_535;
  public static final int DEFAULT_MAX_FRAME = 16_384;
  public static final int MAX_MAX_FRAME = 16_777_215;

  private Settings() {}
}
