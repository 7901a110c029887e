// SPDX-License-Identifier: Apache-2.0
package dev.culvert.linux.ffi;

/** A shared library, or a function in it, is not on this machine; the message names the package. */
public final class MissingLibraryException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  MissingLibraryException(String message) {
    super(message);
  }
}
