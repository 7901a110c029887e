// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.discovery;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.Message;
import com.google.protobuf.UnsafeByteOperations;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * A message as bytes, and the version that follows from them.
 *
 * @param version 128 bits of SHA-256 in hex
 */
record ContentHash(ByteString bytes, String version) {
  private static final int VERSION_BYTES = 16;

  /** Maps are written in the order of their keys, so that equal content is equal bytes. */
  static ContentHash of(Message content) {
    byte[] bytes = new byte[content.getSerializedSize()];
    CodedOutputStream out = CodedOutputStream.newInstance(bytes);
    out.useDeterministicSerialization();
    try {
      content.writeTo(out);
      out.checkNoSpaceLeft();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new ContentHash(UnsafeByteOperations.unsafeWrap(bytes), version(bytes));
  }

  private static String version(byte[] bytes) {
    try {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(bytes);
      return HexFormat.of().formatHex(digest, 0, VERSION_BYTES);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("this JDK has no SHA-256", e);
    }
  }
}
