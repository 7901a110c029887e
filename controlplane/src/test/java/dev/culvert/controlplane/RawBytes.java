// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane;

import io.grpc.MethodDescriptor;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/** A method whose messages are whatever bytes a test writes. */
final class RawBytes implements MethodDescriptor.Marshaller<byte[]> {
  static MethodDescriptor<byte[], byte[]> of(MethodDescriptor<?, ?> method) {
    RawBytes raw = new RawBytes();
    return method.toBuilder(raw, raw).setType(MethodDescriptor.MethodType.UNARY).build();
  }

  @Override
  public InputStream stream(byte[] value) {
    return new ByteArrayInputStream(value);
  }

  @Override
  public byte[] parse(InputStream stream) {
    try {
      return stream.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
