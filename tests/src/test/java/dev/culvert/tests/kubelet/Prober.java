// SPDX-License-Identifier: Apache-2.0
package dev.culvert.tests.kubelet;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;

/**
 * A process that makes health probes as the kubelet does: a line of standard input names one, a
 * line of standard output tells how it went.
 */
public final class Prober {
  private static final int PATIENCE_MS = 5_000;

  private Prober() {}

  /** {@code http|tcp|grpc ADDRESS PORT} a line, until the end. */
  public static void main(String[] arguments) throws IOException {
    PrintStream answers = System.out;
    System.setOut(System.err); // libraries log there
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in, UTF_8));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      answers.println(answer(line.split(" ", -1)));
      answers.flush();
    }
  }

  private static String answer(String[] probe) {
    try {
      InetSocketAddress to =
          new InetSocketAddress(InetAddress.ofLiteral(probe[1]), Integer.parseInt(probe[2]));
      return "ok "
          + switch (probe[0]) {
            case "http" -> http(to);
            case "tcp" -> tcp(to);
            case "grpc" -> grpc(to);
            default -> throw new IOException("unknown probe " + probe[0]);
          };
    } catch (IOException | StatusRuntimeException e) {
      return "failed " + e.toString().replace('\n', ' ');
    }
  }

  /** Success is a status from 200 to 399; the answer's body, to see what the app saw. */
  private static String http(InetSocketAddress to) throws IOException {
    String host = to.getAddress().getHostAddress();
    String literal = host.contains(":") ? "[" + host + "]" : host;
    HttpURLConnection request =
        (HttpURLConnection)
            URI.create("http://%s:%d/healthz".formatted(literal, to.getPort()))
                .toURL()
                .openConnection();
    request.setConnectTimeout(PATIENCE_MS);
    request.setReadTimeout(PATIENCE_MS);
    request.setRequestProperty("User-Agent", "kube-probe/1.36");
    request.setRequestProperty("Connection", "close");
    if (request.getResponseCode() >= 400) {
      throw new IOException("status " + request.getResponseCode());
    }
    return new String(request.getInputStream().readAllBytes(), UTF_8);
  }

  /** The kubelet would be content with the connection; that it is the app's shows what it says. */
  private static String tcp(InetSocketAddress to) throws IOException {
    try (Socket socket = new Socket()) {
      socket.connect(to, PATIENCE_MS);
      socket.setSoTimeout(PATIENCE_MS);
      byte[] hello = socket.getInputStream().readNBytes(ProbedApp.HELLO.length());
      if (hello.length == 0) {
        throw new IOException("closed without a word");
      }
      return new String(hello, US_ASCII);
    }
  }

  private static String grpc(InetSocketAddress to) {
    ManagedChannel channel = NettyChannelBuilder.forAddress(to).usePlaintext().build();
    try {
      byte[] status =
          ClientCalls.blockingUnaryCall(
              channel,
              ProbedApp.CHECK,
              CallOptions.DEFAULT.withDeadlineAfter(PATIENCE_MS, TimeUnit.MILLISECONDS),
              new byte[0]);
      return Arrays.equals(status, ProbedApp.SERVING) ? "SERVING" : Arrays.toString(status);
    } finally {
      channel.shutdownNow();
    }
  }
}
