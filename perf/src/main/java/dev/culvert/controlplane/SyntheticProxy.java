// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.WireFormat;
import dev.culvert.controlplane.discovery.TypeUrl;
import dev.culvert.policy.wire.discovery.AggregatedDiscoveryServiceGrpc;
import dev.culvert.policy.wire.discovery.DeltaDiscoveryRequest;
import dev.culvert.policy.wire.discovery.DeltaDiscoveryResponse;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A node proxy that asks for everything, acknowledges what it gets and keeps nothing of it but
 * counts: a thousand of them must not need more memory than what they are there to measure.
 */
final class SyntheticProxy extends ClientCall.Listener<SyntheticProxy.Counted> {
  private final ClientCall<DeltaDiscoveryRequest, Counted> call;
  private final AtomicLong resources;
  private final AtomicLong bytes;
  private volatile boolean answered;
  private volatile Status ended = Status.OK;

  /** What a response was. */
  record Counted(String type, String nonce, int resources, int removed, long bytes) {}

  private SyntheticProxy(
      ClientCall<DeltaDiscoveryRequest, Counted> call, AtomicLong resources, AtomicLong bytes) {
    this.call = call;
    this.resources = resources;
    this.bytes = bytes;
  }

  /**
   * @param resources counts what all proxies are told of addresses, removals too
   * @param bytes counts what all proxies read
   */
  static SyntheticProxy open(Channel channel, AtomicLong resources, AtomicLong bytes) {
    MethodDescriptor<DeltaDiscoveryRequest, DeltaDiscoveryResponse> method =
        AggregatedDiscoveryServiceGrpc.getDeltaAggregatedResourcesMethod();
    SyntheticProxy proxy =
        new SyntheticProxy(
            channel.newCall(
                method.toBuilder(method.getRequestMarshaller(), new Counter()).build(),
                CallOptions.DEFAULT),
            resources,
            bytes);
    proxy.call.start(proxy, new Metadata());
    proxy.call.request(1);
    proxy.ask(TypeUrl.ADDRESS);
    proxy.ask(TypeUrl.AUTHORIZATION);
    return proxy;
  }

  private void ask(String type) {
    call.sendMessage(
        DeltaDiscoveryRequest.newBuilder().setTypeUrl(type).addResourceNamesSubscribe("*").build());
  }

  /** Whether it knows the mesh. */
  boolean isAnswered() {
    if (!ended.isOk()) {
      throw ended.asRuntimeException();
    }
    return answered;
  }

  void close() {
    call.cancel("measured", null);
  }

  @Override
  public void onMessage(Counted response) {
    bytes.addAndGet(response.bytes());
    if (response.type().equals(TypeUrl.ADDRESS)) {
      resources.addAndGet(response.resources() + response.removed());
      answered = true;
    }
    call.sendMessage(
        DeltaDiscoveryRequest.newBuilder()
            .setTypeUrl(response.type())
            .setResponseNonce(response.nonce())
            .build());
    call.request(1);
  }

  @Override
  public void onClose(Status status, Metadata trailers) {
    ended = status;
  }

  /** Reads past the resources without making objects of them. */
  private static final class Counter implements MethodDescriptor.Marshaller<Counted> {
    @Override
    public InputStream stream(Counted value) {
      throw new UnsupportedOperationException("a response is not sent");
    }

    @Override
    public Counted parse(InputStream stream) {
      try {
        return count(CodedInputStream.newInstance(stream));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    private static Counted count(CodedInputStream in) throws IOException {
      in.setSizeLimit(Integer.MAX_VALUE);
      String type = "";
      String nonce = "";
      int resources = 0;
      int removed = 0;
      for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
        switch (WireFormat.getTagFieldNumber(tag)) {
          case DeltaDiscoveryResponse.TYPE_URL_FIELD_NUMBER -> type = in.readString();
          case DeltaDiscoveryResponse.NONCE_FIELD_NUMBER -> nonce = in.readString();
          case DeltaDiscoveryResponse.RESOURCES_FIELD_NUMBER -> {
            resources++;
            in.skipField(tag);
          }
          case DeltaDiscoveryResponse.REMOVED_RESOURCES_FIELD_NUMBER -> {
            removed++;
            in.skipField(tag);
          }
          default -> in.skipField(tag);
        }
      }
      return new Counted(type, nonce, resources, removed, in.getTotalBytesRead());
    }
  }
}
