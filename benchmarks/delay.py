"""A line of some length: a proxy by which every connection's bytes take their time, and so does connecting.

`python benchmarks/delay.py HOST PORT MILLISECONDS` prints the port to connect to; the number is that of a round trip.
"""

import asyncio
import sys
from functools import partial

_BLOCK = 2**16


async def _carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, seconds: float, first: float) -> None:
    """Hands bytes on, each so many seconds after it came; none before `first` seconds more are over."""
    loop = asyncio.get_running_loop()
    underway: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()
    earliest = loop.time() + first

    async def receive() -> None:
        block = b"-"
        while block:
            try:
                block = await reader.read(_BLOCK)
            except ConnectionError:  # who has read enough hangs up
                block = b""
            await underway.put((max(loop.time(), earliest) + seconds, block))

    receiving = asyncio.create_task(receive())
    try:
        while True:
            due, block = await underway.get()
            await asyncio.sleep(max(due - loop.time(), 0))
            if not block:
                break
            writer.write(block)
            await writer.drain()
    finally:
        receiving.cancel()
        writer.close()


async def _connect(
    host: str, port: int, seconds: float, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    try:
        answers, questions = await asyncio.open_connection(host, port)
        await asyncio.gather(
            _carry(reader, questions, seconds / 2, first=seconds), _carry(answers, writer, seconds / 2, first=0)
        )
    except ConnectionError:
        writer.close()


async def main(host: str, port: int, seconds: float) -> None:
    """Serves until it is killed."""
    server = await asyncio.start_server(partial(_connect, host, port, seconds), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2]), float(sys.argv[3]) / 1000))
