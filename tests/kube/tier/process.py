"""Programs of the project under test: started with a log file of their own, ended by signal."""

import http.client
import signal
import subprocess
import time


class Process:
    def __init__(self, name, command, log, environment=None):
        self.name, self.log = name, log
        self.log_file = open(log, "ab")
        self.child = subprocess.Popen(
            [str(c) for c in command],
            stdin=subprocess.DEVNULL,
            stdout=self.log_file,
            stderr=subprocess.STDOUT,
            env=environment,
        )

    def text(self):
        return self.log.read_text(errors="replace")

    def last_words(self):
        return f"last lines of {self.name}:\n  " + "\n  ".join(self.text().splitlines()[-12:])

    def running(self):
        return self.child.poll() is None

    def await_ready(self, admin, seconds=20):
        """Until /readyz of the admin listener answers 200."""
        deadline = time.monotonic() + seconds
        while not ready(admin):
            if not self.running():
                raise AssertionError(f"{self.name} ended with {self.child.returncode}; {self.last_words()}")
            if time.monotonic() > deadline:
                raise AssertionError(f"{self.name} is not ready at {admin} after {seconds} s; {self.last_words()}")
            time.sleep(0.02)

    def begin_end(self):
        if self.running():
            self.child.send_signal(signal.SIGTERM)

    def terminate(self, seconds=30):
        """SIGTERM; the exit code."""
        self.begin_end()
        return self.await_end(seconds)

    def await_end(self, seconds=30):
        """The exit code of a process that was told to end."""
        try:
            code = self.child.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"{self.name} does not end {seconds} s after SIGTERM; {self.last_words()}") from None
        self.log_file.close()
        return code

    def kill(self):
        if self.running():
            self.child.kill()
            self.child.wait()
        self.log_file.close()


def get(address, path, seconds=5):
    """(status, body) of a GET to HOST:PORT; OSError when nothing answers."""
    connection = http.client.HTTPConnection(address, timeout=seconds)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read()
    except http.client.HTTPException as error:
        raise OSError(str(error)) from error
    finally:
        connection.close()


def ready(admin):
    try:
        return get(admin, "/readyz")[0] == 200
    except OSError:
        return False
