// SPDX-License-Identifier: Apache-2.0
package dev.culvert.tests.kubelet;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpServer;
import io.grpc.MethodDescriptor;
import io.grpc.ServerServiceDefinition;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ServerCalls;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.util.List;

/** An app with a health endpoint of each kind that a kubelet probes; it tells who came. */
public final class ProbedApp {
  static final int HTTP = 8080;
  static final int GRPC = 8081;
  static final int TCP = 8082;
  static final String HELLO = "hello";

  private static final String SERVICE = "grpc.health.v1.Health";

  /** grpc.health.v1.HealthCheckResponse of status SERVING: field 1 is 1. */
  static final byte[] SERVING = {8, 1};

  static final MethodDescriptor<byte[], byte[]> CHECK =
      MethodDescriptor.<byte[], byte[]>newBuilder()
          .setType(MethodDescriptor.MethodType.UNARY)
          .setFullMethodName(SERVICE + "/Check")
          .setRequestMarshaller(new Bytes())
          .setResponseMarshaller(new Bytes())
          .build();

  private ProbedApp() {}

  /** Messages as they are on the wire. */
  private static final class Bytes implements MethodDescriptor.Marshaller<byte[]> {
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

  /** Its command line. */
  public static List<String> command() {
    return Probing.command(
        Path.of(System.getProperty("java.home"), "bin", "java"), ProbedApp.class);
  }

  /** Serves until it is killed. */
  public static void main(String[] arguments) throws IOException {
    HttpServer http = HttpServer.create(new InetSocketAddress(HTTP), 0);
    http.createContext(
        "/",
        exchange -> {
          String peer = exchange.getRemoteAddress().getAddress().getHostAddress();
          byte[] body = peer.getBytes(UTF_8);
          exchange.sendResponseHeaders(200, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    http.start();
    NettyServerBuilder.forPort(GRPC)
        .addService(
            ServerServiceDefinition.builder(SERVICE)
                .addMethod(
                    CHECK,
                    ServerCalls.asyncUnaryCall(
                        (_, answer) -> {
                          answer.onNext(SERVING);
                          answer.onCompleted();
                        }))
                .build())
        .build()
        .start();
    try (ServerSocket tcp = new ServerSocket(TCP)) {
      System.out.println("serves");
      while (true) {
        greet(tcp.accept());
      }
    }
  }

  private static void greet(Socket client) {
    try (client) {
      client.getOutputStream().write(HELLO.getBytes(US_ASCII));
    } catch (IOException e) {
      System.out.println("a client went: " + e);
    }
  }
}
