"""The web server: two processes of four threads. What stands on the command line comes before what stands here."""

worker_class = "gthread"
workers = 2
threads = 4
bind = "127.0.0.1:8000"
control_socket_disable = True
