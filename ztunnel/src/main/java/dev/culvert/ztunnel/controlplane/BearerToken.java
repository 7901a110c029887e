// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.controlplane;

import io.grpc.CallCredentials;
import io.grpc.Metadata;
import io.grpc.Status;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.util.concurrent.Executor;

/** Shows the node's token. */
final class BearerToken extends CallCredentials {
  private static final Metadata.Key<String> AUTHORIZATION =
      Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);
  private static final Metadata.Key<String> CLUSTER =
      Metadata.Key.of("clusterid", Metadata.ASCII_STRING_MARSHALLER);

  private final NodeToken token;
  private final String cluster;

  BearerToken(NodeToken token, String cluster) {
    this.token = token;
    this.cluster = cluster;
  }

  @Override
  public void applyRequestMetadata(RequestInfo call, Executor executor, MetadataApplier applier) {
    executor.execute(() -> apply(applier));
  }

  private void apply(MetadataApplier applier) {
    Metadata headers = new Metadata();
    headers.put(CLUSTER, cluster);
    try {
      if (token.required() || Files.exists(token.file())) {
        headers.put(AUTHORIZATION, "Bearer " + Files.readString(token.file()).strip());
      }
      applier.apply(headers);
    } catch (IOException e) {
      applier.fail(Status.UNAUTHENTICATED.withDescription(problem(e)));
    }
  }

  private String problem(IOException e) {
    String cause = e instanceof NoSuchFileException ? "no such file" : e.toString();
    return "token-file %s: %s; the control plane writes one token per node"
        .formatted(token.file(), cause);
  }
}
