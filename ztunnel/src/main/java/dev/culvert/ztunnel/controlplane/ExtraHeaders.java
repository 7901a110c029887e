// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.controlplane;

import io.grpc.CallCredentials;
import io.grpc.Metadata;
import io.grpc.Status;
import java.util.Map;
import java.util.concurrent.Executor;

/** Adds headers that somebody on the way asks for to those that prove who calls. */
final class ExtraHeaders extends CallCredentials {
  private final CallCredentials proof;
  private final Map<String, String> headers;

  ExtraHeaders(CallCredentials proof, Map<String, String> headers) {
    this.proof = proof;
    this.headers = headers;
  }

  @Override
  public void applyRequestMetadata(RequestInfo call, Executor executor, MetadataApplier applier) {
    proof.applyRequestMetadata(
        call,
        executor,
        new MetadataApplier() {
          @Override
          public void apply(Metadata proved) {
            headers.forEach((name, value) -> proved.put(key(name), value));
            applier.apply(proved);
          }

          @Override
          public void fail(Status status) {
            applier.fail(status);
          }
        });
  }

  private static Metadata.Key<String> key(String name) {
    return Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER);
  }
}
