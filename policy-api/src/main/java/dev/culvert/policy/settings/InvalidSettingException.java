// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.settings;

/**
 * A setting that cannot be used. The message names the key, what is wrong, and what would be right.
 */
public final class InvalidSettingException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final String key;

  /**
   * @param problem what is wrong, and the remedy
   */
  public InvalidSettingException(String key, String problem) {
    super(key + ": " + problem);
    this.key = key;
  }

  /** The key at fault. */
  public String key() {
    return key;
  }
}
