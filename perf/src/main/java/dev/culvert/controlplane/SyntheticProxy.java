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
  private static final MethodDescriptor<DeltaDiscoveryRequest, Counted> METHOD = method();

  private final Channel channel;
  private final AtomicLong resources;
  private final AtomicLong bytes;
  private final AtomicLong broken;
  private volatile ClientCall<DeltaDiscoveryRequest, Counted> call;
  private volatile boolean answered;
  private volatile Status ended = Status.OK;

  /** What a response was. */
  record Counted(String type, String nonce, int resources, int removed, long bytes) {}

  private SyntheticProxy(
      Channel channel, AtomicLong resources, AtomicLong bytes, AtomicLong broken) {
    this.channel = channel;
    this.resources = resources;
    this.bytes = bytes;
    this.broken = broken;
  }

  private static MethodDescriptor<DeltaDiscoveryRequest, Counted> method() {
    MethodDescriptor<DeltaDiscoveryRequest, DeltaDiscoveryResponse> method =
        AggregatedDiscoveryServiceGrpc.getDeltaAggregatedResourcesMethod();
    return method.toBuilder(method.getRequestMarshaller(), new Counter()).build();
  }

  /**
   * @param resources counts what all proxies are told of addresses, removals too
   * @param bytes counts what all proxies read
   * @param broken counts connections that ended before the first answer; they are made again
   */
  static SyntheticProxy open(
      Channel channel, AtomicLong resources, AtomicLong bytes, AtomicLong broken) {
    SyntheticProxy proxy = new SyntheticProxy(channel, resources, bytes, broken);
    proxy.start(CallOptions.DEFAULT);
    return proxy;
  }

  private void start(CallOptions options) {
    call = channel.newCall(METHOD, options);
    call.start(this, new Metadata());
    call.request(1);
    ask(TypeUrl.ADDRESS);
    ask(TypeUrl.AUTHORIZATION);
  }

  private void ask(String type) {
    call.sendMessage(
        DeltaDiscoveryRequest.newBuilder().setTypeUrl(type).addResourceNamesSubscribe("*").build());
  }

  /** Whether it knows the mesh. */
  boolean isAnswered() {
    refuseBroken();
    return answered;
  }

  /** An end of a connection that was whole is what nobody measures here. */
  void refuseBroken() {
    if (!ended.isOk()) {
      throw ended.asRuntimeException();
    }
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
    if (status.getCode() == Status.Code.UNAVAILABLE && !answered) {
      broken.incrementAndGet();
      start(CallOptions.DEFAULT.withWaitForReady());
    } else {
      ended = status;
    }
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
