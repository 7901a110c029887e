// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.forward;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.culvert.waypoint.peers.Await;
import dev.culvert.waypoint.peers.TestWaypoint;
import dev.culvert.waypoint.peers.Transports;
import dev.culvert.waypoint.plan.Protocol;
import dev.culvert.waypoint.plan.Retries;
import dev.culvert.waypoint.plan.Timeouts;
import dev.culvert.ztunnel.transport.Transport;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** The four kinds of calls, by gRPC's own client and server. */
@ParameterizedClass
@MethodSource("transports")
@Timeout(60)
final class GrpcCallsTest {
  private static final Metadata.Key<String> NOTE =
      Metadata.Key.of("note", Metadata.ASCII_STRING_MARSHALLER);

  private static final MethodDescriptor<String, String> UNARY = method("Unary", MethodType.UNARY);
  private static final MethodDescriptor<String, String> GATHER =
      method("Gather", MethodType.CLIENT_STREAMING);
  private static final MethodDescriptor<String, String> SCATTER =
      method("Scatter", MethodType.SERVER_STREAMING);
  private static final MethodDescriptor<String, String> CHAT =
      method("Chat", MethodType.BIDI_STREAMING);

  @Parameter Transport transport;

  private final AtomicBoolean cancelled = new AtomicBoolean();
  private Server server;
  private TestWaypoint waypoint;
  private ManagedChannel channel;

  static List<Transport> transports() {
    return Transports.all();
  }

  private static MethodDescriptor<String, String> method(String name, MethodType type) {
    return MethodDescriptor.newBuilder(new Text(), new Text())
        .setFullMethodName("shop.Cart/" + name)
        .setType(type)
        .build();
  }

  /** Messages are text: no generated code is needed for that. */
  private static final class Text implements MethodDescriptor.Marshaller<String> {
    @Override
    public InputStream stream(String value) {
      return new ByteArrayInputStream(value.getBytes(UTF_8));
    }

    @Override
    public String parse(InputStream stream) {
      try {
        return new String(stream.readAllBytes(), UTF_8);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  @BeforeEach
  void start() throws IOException {
    InetAddress loopback = InetAddress.getLoopbackAddress();
    server =
        NettyServerBuilder.forAddress(new InetSocketAddress(loopback, 0))
            .addService(service())
            .build()
            .start();
    waypoint =
        TestWaypoint.of(
            transport,
            TestWaypoint.plan(
                Timeouts.NONE,
                Retries.STANDARD,
                Protocol.HTTP2,
                new InetSocketAddress(loopback, server.getPort())));
    channel = NettyChannelBuilder.forAddress(waypoint.listener().address()).usePlaintext().build();
  }

  @AfterEach
  void stop() throws InterruptedException {
    channel.shutdownNow().awaitTermination(10, TimeUnit.SECONDS);
    waypoint.close();
    server.shutdownNow().awaitTermination(10, TimeUnit.SECONDS);
  }

  private ServerServiceDefinition service() {
    return ServerServiceDefinition.builder("shop.Cart")
        .addMethod(UNARY, ServerCalls.asyncUnaryCall(GrpcCallsTest::unary))
        .addMethod(GATHER, ServerCalls.asyncClientStreamingCall(GrpcCallsTest::gather))
        .addMethod(SCATTER, ServerCalls.asyncServerStreamingCall(this::scatter))
        .addMethod(CHAT, ServerCalls.asyncBidiStreamingCall(GrpcCallsTest::chat))
        .build();
  }

  private static void unary(String asked, StreamObserver<String> answer) {
    if (asked.equals("fail")) {
      Metadata trailers = new Metadata();
      trailers.put(NOTE, "of the server");
      answer.onError(Status.FAILED_PRECONDITION.withDescription("ä").asException(trailers));
      return;
    }
    answer.onNext("got " + asked);
    answer.onCompleted();
  }

  private static StreamObserver<String> gather(StreamObserver<String> answer) {
    List<String> all = new ArrayList<>();
    return new Messages(
        all::add,
        () -> {
          answer.onNext(String.join(",", all));
          answer.onCompleted();
        });
  }

  /** As many as are asked for; without a number, on and on until it is cancelled. */
  private void scatter(String asked, StreamObserver<String> answer) {
    if (asked.isEmpty()) {
      ((ServerCallStreamObserver<String>) answer).setOnCancelHandler(() -> cancelled.set(true));
      answer.onNext("first");
      return;
    }
    for (int i = 0; i < Integer.parseInt(asked); i++) {
      answer.onNext("part " + i);
    }
    answer.onCompleted();
  }

  private static StreamObserver<String> chat(StreamObserver<String> answer) {
    return new Messages(text -> answer.onNext("echo " + text), answer::onCompleted);
  }

  /** What came on a stream. */
  private record Messages(java.util.function.Consumer<String> next, Runnable end)
      implements StreamObserver<String> {
    @Override
    public void onNext(String text) {
      next.accept(text);
    }

    @Override
    public void onError(Throwable broken) {
      // It is cancelled: nobody waits for an answer.
    }

    @Override
    public void onCompleted() {
      end.run();
    }
  }

  @Test
  void unaryCall() {
    assertThat(ClientCalls.blockingUnaryCall(channel, UNARY, CallOptions.DEFAULT, "a"))
        .isEqualTo("got a");
  }

  @Test
  void statusMessageAndTrailersOfAFailureArrive() {
    AtomicReference<Metadata> trailers = new AtomicReference<>();
    Channel seen =
        ClientInterceptors.intercept(
            channel,
            MetadataUtils.newCaptureMetadataInterceptor(new AtomicReference<>(), trailers));
    StatusRuntimeException failed =
        catchThrowableOfType(
            StatusRuntimeException.class,
            () -> ClientCalls.blockingUnaryCall(seen, UNARY, CallOptions.DEFAULT, "fail"));
    assertThat(failed.getStatus().getCode()).isEqualTo(Status.Code.FAILED_PRECONDITION);
    assertThat(failed.getStatus().getDescription()).isEqualTo("ä");
    assertThat(trailers.get().get(NOTE)).isEqualTo("of the server");
  }

  @Test
  void methodThatIsNotThereIsUnimplemented() {
    StatusRuntimeException failed =
        catchThrowableOfType(
            StatusRuntimeException.class,
            () ->
                ClientCalls.blockingUnaryCall(
                    channel, method("None", MethodType.UNARY), CallOptions.DEFAULT, "a"));
    assertThat(failed.getStatus().getCode()).isEqualTo(Status.Code.UNIMPLEMENTED);
  }

  @Test
  void manyMessagesAndOneAnswer() throws InterruptedException {
    BlockingQueue<String> answers = new LinkedBlockingQueue<>();
    StreamObserver<String> call =
        ClientCalls.asyncClientStreamingCall(
            channel.newCall(GATHER, CallOptions.DEFAULT),
            new Messages(answers::add, () -> answers.add("end")));
    call.onNext("a");
    call.onNext("b");
    call.onCompleted();
    assertThat(answers.poll(20, TimeUnit.SECONDS)).isEqualTo("a,b");
    assertThat(answers.poll(20, TimeUnit.SECONDS)).isEqualTo("end");
    assertThat(waypoint.first().asked()).isEqualTo(2);
    assertThat(waypoint.first().answered()).isEqualTo(1);
  }

  @Test
  void oneMessageAndManyAnswers() {
    List<String> all = new ArrayList<>();
    ClientCalls.blockingServerStreamingCall(channel, SCATTER, CallOptions.DEFAULT, "1000")
        .forEachRemaining(all::add);
    assertThat(all).hasSize(1000).startsWith("part 0").endsWith("part 999");
    assertThat(waypoint.first().asked()).isEqualTo(1);
    assertThat(waypoint.first().answered()).isEqualTo(1000);
  }

  @Test
  void messagesBothWaysAsTheyCome() throws InterruptedException {
    BlockingQueue<String> answers = new LinkedBlockingQueue<>();
    StreamObserver<String> call =
        ClientCalls.asyncBidiStreamingCall(
            channel.newCall(CHAT, CallOptions.DEFAULT),
            new Messages(answers::add, () -> answers.add("end")));
    for (String text : List.of("a", "b", "c")) {
      call.onNext(text);
      assertThat(answers.poll(20, TimeUnit.SECONDS)).isEqualTo("echo " + text);
    }
    call.onCompleted();
    assertThat(answers.poll(20, TimeUnit.SECONDS)).isEqualTo("end");
  }

  @Test
  void deadlineOfTheClientCancelsTheServersWork() {
    CallOptions soon = CallOptions.DEFAULT.withDeadlineAfter(500, TimeUnit.MILLISECONDS);
    var answers = ClientCalls.blockingServerStreamingCall(channel, SCATTER, soon, "");
    assertThat(answers.next()).isEqualTo("first");
    StatusRuntimeException failed =
        catchThrowableOfType(StatusRuntimeException.class, answers::hasNext);
    assertThat(failed.getStatus().getCode()).isEqualTo(Status.Code.DEADLINE_EXCEEDED);
    Await.until("the server's work is cancelled", cancelled::get);
  }
}
